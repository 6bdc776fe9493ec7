const segments = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** East Asian wide characters and emoji take two columns of a terminal. */
const wide =
  /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}/u;
const control = /\p{Cc}/gu;

const columnsOf = (character: string): number => (wide.test(character) ? 2 : 1);

/** Cut to so many columns, the cut marked. Control characters (a line break, an escape sequence’s start) become spaces. */
export const clip = (text: string, width: number, ellipsis: string): string => {
  const characters = [...segments.segment(text.replace(control, ' '))].map(({ segment }) => segment);
  const total = characters.reduce((sum, character) => sum + columnsOf(character), 0);
  if (total <= width) return characters.join('');
  let used = 0;
  const kept = characters.filter((character) => {
    used += columnsOf(character);
    return used < width;
  });
  return kept.join('') + ellipsis;
};

/** Exactly so many columns: cut, or filled with spaces. */
export const fill = (text: string, width: number, ellipsis: string): string => {
  const clipped = clip(text, width, ellipsis);
  return clipped + ' '.repeat(Math.max(0, width - widthOf(clipped)));
};

/** Columns that a text takes in a terminal. */
export const widthOf = (text: string): number =>
  [...segments.segment(text)].reduce((sum, { segment }) => sum + columnsOf(segment), 0);
