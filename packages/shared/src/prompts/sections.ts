/**
 * A prompt's material in named sections, the way models are told to keep instructions and material apart. Content that itself
 * looks like a section's end cannot end it: the closing tag carries the length of the content.
 */
export interface Section {
  /** Lower case with underscores: `prd`, `task`, `criteria`, `knowledge`, `files`, `learnings`. */
  readonly name: string;
  readonly content: string;
}

export const renderSections = (sections: readonly Section[]): string =>
  sections
    .map(({ name, content }) => `<${name} characters="${content.length}">\n${content}\n</${name}>`)
    .join('\n\n');

const opening = /<([a-z_]+) characters="(\d+)">\n/g;

/** The sections of a text that `renderSections` wrote, by name; of several with one name, the last. */
export const readSections = (text: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  opening.lastIndex = 0;
  for (let match = opening.exec(text); match; match = opening.exec(text)) {
    const [tag, name, characters] = match;
    if (name === undefined) continue;
    const start = match.index + tag.length;
    const end = start + Number(characters);
    found.set(name, text.slice(start, end));
    opening.lastIndex = end;
  }
  return found;
};
