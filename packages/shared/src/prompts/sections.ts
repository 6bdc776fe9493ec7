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

interface Found {
  readonly name: string;
  readonly content: string;
  /** Where the opening tag begins, and where the content ends. */
  readonly from: number;
  readonly until: number;
}

function* sectionsIn(text: string): Generator<Found> {
  const tags = new RegExp(opening);
  for (let match = tags.exec(text); match; match = tags.exec(text)) {
    const [tag, name = '', characters] = match;
    const start = match.index + tag.length;
    const until = start + Number(characters);
    yield { name, content: text.slice(start, until), from: match.index, until };
    tags.lastIndex = until;
  }
}

/** The sections of a text that `renderSections` wrote, by name; of several with one name, the last. */
export const readSections = (text: string): ReadonlyMap<string, string> =>
  new Map(Array.from(sectionsIn(text), ({ name, content }) => [name, content]));

/** The same text with what is in its sections, and between them, as `change` has it; the tags say how long the contents are now. */
export const changeSections = (text: string, change: (part: string) => string): string => {
  let changed = '';
  let end = 0;
  for (const { name, content, from, until } of sectionsIn(text)) {
    const other = change(content);
    changed += `${change(text.slice(end, from))}<${name} characters="${other.length}">\n${other}`;
    end = until;
  }
  return changed + change(text.slice(end));
};
