/** Text that cannot end a comment, nor the line it is on. */
export const safeInComment = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\s\u2028\u2029\u0085\p{Cc}]+/gu, ' ')
    .replaceAll('*/', '* /')
    .trim();

/** Lines of at most so many characters; a word that is longer stands alone. */
export const wrapped = (text: string, width: number): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') lines.push(line);
  return lines;
};

export const docComment = (paragraphs: readonly string[]): string => {
  const lines = paragraphs.flatMap((paragraph) => wrapped(safeInComment(paragraph), 110));
  return ['/**', ...lines.map((line) => ` * ${line}`), ' */'].join('\n');
};
