import type { Requirement } from '../../planning/plan-document.ts';
import { capitalised, wordsOf } from './naming.ts';

/** A kind of thing that the product keeps. */
export interface Entity {
  readonly name: string;
  /** Besides `id`; names that can be written in code. */
  readonly fields: readonly string[];
  /** Requirements that speak of it. */
  readonly requirementIds: readonly string[];
}

const record = /^([\p{L}][\p{L}\d _-]{0,40}): ((?:[A-Za-z_]\w*(?: ?\([^)]*\))?(?:, |$)){2,})/u;

/** `create a link`, `book lists`: what is done things to is a thing. */
const object =
  /\b(?:creates?|adds?|edits?|updates?|deletes?|removes?|archives?|lists?|saves?|stores?|shares?|uploads?|sends?|tracks?|views?|manages?|records?|registers?|assigns?|gets?|sees?|counts?|lends?|books?|orders?|posts?|imports?|exports?|shortens?|suggests?|reads?|rates?|writes?|answers?|takes?|opens?|follows?|votes? (?:on|for)|marks?|plans?|pays?|buys?|sells?|search(?:es)?|finds?)\s+(?:(?:a|an|the|each|every|all|new|their|own|its|any|one|more|short|long|custom)\s+)*([A-Za-z][a-z]{2,20})\b/gi;

const notThings: ReadonlySet<string> = new Set(
  'and our across open more high level key all own ones once after before over under about until every each other others someone somebody access able based between data from different existing fields for how information into multiple number other real state status support system than that their them they this time type user users what when which with application project page list'.split(
    ' ',
  ),
);

/** Endings of words that say what a thing is like. */
const describing = /(?:ed|ing|ive|able|ible|ous|ful|ly|ary|ic|al)$/;

const singular = (word: string): string => {
  if (/ies$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:sses|shes|ches|xes)$/.test(word)) return word.slice(0, -2);
  return /[^su]s$/.test(word) && word.length > 3 ? word.slice(0, -1) : word;
};

/** The most-named things, at most `most`; there is always one, named after the product if need be. */
export const entitiesOf = (requirements: readonly Requirement[], title: string, most: number): Entity[] => {
  const drawn = requirements.flatMap((requirement): Entity[] => {
    const found = record.exec(requirement.text);
    if (found?.[1] === undefined || found[2] === undefined || requirement.kind !== 'functional') return [];
    const fields = found[2].split(',').flatMap((field) => /^\s*([A-Za-z_]\w{0,40})/.exec(field)?.[1] ?? []);
    return [
      {
        name: capitalised(singular(found[1].trim())),
        fields: usable(fields),
        requirementIds: [requirement.id],
      },
    ];
  });
  const spoken = mentioned(requirements);
  const named =
    drawn.length === 0
      ? spoken
      : // “Data model” names no thing: then it is what is spoken of most.
        drawn.map((entity) =>
          /^(?:data|schema|model|entit|record)/i.test(entity.name)
            ? { ...entity, name: spoken[0]?.name ?? entity.name }
            : entity,
        );
  const fallback: Entity = {
    name: capitalised(wordsOf(title).at(-1) ?? 'record').slice(0, 30),
    fields: ['title'],
    requirementIds: [],
  };
  const distinct = new Map(
    (named.length > 0 ? named : [fallback]).map((entity) => [entity.name.toLowerCase(), entity]),
  );
  return [...distinct.values()].slice(0, most);
};

const usable = (fields: readonly string[]): string[] => {
  const kept = [
    ...new Set(fields.filter((field) => field.toLowerCase() !== 'id' && !/^__/.test(field))),
  ].slice(0, 12);
  return kept.length === 0 ? ['title'] : kept;
};

/** What something is done to somewhere, by how many requirements speak of it. */
const mentioned = (requirements: readonly Requirement[]): Entity[] => {
  const functional = requirements.filter(({ kind }) => kind === 'functional');
  const nouns = new Set<string>();
  for (const { text } of functional) {
    for (const match of text.matchAll(object)) nouns.add(singular((match[1] ?? '').toLowerCase()));
  }
  const words = functional.map(({ id, text }) => ({
    id,
    said: new Set(
      text
        .toLowerCase()
        .split(/[^a-z]+/)
        .map(singular),
    ),
  }));
  return [...nouns]
    .filter((noun) => noun.length > 2 && !notThings.has(noun) && !describing.test(noun))
    .map((noun) => ({ noun, ids: words.flatMap(({ id, said }) => (said.has(noun) ? [id] : [])) }))
    .sort((left, right) => right.ids.length - left.ids.length)
    .filter(({ ids }, index) => index === 0 || ids.length > 2)
    .map(({ noun, ids }) => ({ name: capitalised(noun), fields: fieldsFor(noun), requirementIds: ids }));
};

const fieldsFor = (noun: string): string[] => {
  if (/link|url|bookmark|redirect/.test(noun)) return ['code', 'target'];
  if (/visit|click|event|log/.test(noun)) return ['subject', 'at'];
  return /person|member|account|customer|guest/.test(noun) ? ['name', 'email'] : ['title'];
};
