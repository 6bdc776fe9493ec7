import { eachString } from './each-string.ts';
import { sourceOf } from './pattern.ts';
import type { Subject } from './subject.ts';
import { type SubjectCipher, subjectCipher, tokenStart, tokens } from './token.ts';

/** Seals and opens what some subjects are known by. */
export interface Sealer {
  /** Whether there is anything to seal in JSON text or any other. */
  suspects(text: string): boolean;
  /** Every identifier in it is a token afterwards; what is a token stays as it is. The text itself where there is none. */
  sealText(text: string): string;
  /** In every string and every key. */
  sealData(data: unknown, isLeftAlone?: (key: string) => boolean): unknown;
  /** Every token is what it stands for afterwards, or `[erased]` where it is not these subjects' to open. */
  openText(text: string): string;
  openData(data: unknown): unknown;
}

export const erasedMark = '[erased]';
const cutMark = '[…]';
/** In JSON a line's end is written with an escape. One that was sealed and is opened there would break it: it stays outside. */
const betweenControls = /\P{Cc}+/gu;

const wholeToken = '⟦sub_[0-9a-f]{12}:[A-Za-z0-9_-]*⟧';

export const sealerOf = (subjects: readonly Subject[]): Sealer => {
  const ciphers = new Map<string, SubjectCipher>(
    subjects.map((subject) => [subject.id, subjectCipher(subject)]),
  );
  const finding = findingOf(subjects);

  const sealText = (text: string): string => {
    if (finding === null || !finding.trace.test(text)) return text;
    return text.replace(finding.expression, (found, ...groups) => {
      const which = groups.findIndex((group) => group !== undefined);
      const cipher = finding.ciphers[which];
      return cipher ? found.replace(betweenControls, (part) => cipher.seal(part)) : found;
    });
  };

  const openText = (text: string): string => {
    if (!text.includes(tokenStart)) return text;
    return text.replace(tokens, (...match) => {
      const [id, content, end] = [String(match[1]), String(match[2]), match[3]];
      if (end === '') return cutMark;
      return ciphers.get(id)?.open(content) ?? erasedMark;
    });
  };

  return {
    suspects: (text) => finding?.trace.test(text) ?? false,
    sealText,
    sealData: (data, isLeftAlone) => eachString(data, sealText, isLeftAlone),
    openText,
    openData: (data) => eachString(data, openText),
  };
};

interface Finding {
  /** Looks for any of them: the quicker one, since most texts have none. */
  readonly trace: RegExp;
  /** Tokens first, so that nothing is found inside of one; then the identifiers, one group for each. */
  readonly expression: RegExp;
  /** By the number of the group, from 0. */
  readonly ciphers: readonly (SubjectCipher | undefined)[];
}

const findingOf = (subjects: readonly Subject[]): Finding | null => {
  const known = subjects
    .flatMap((subject) => subject.identifiers.map((identifier) => ({ subject, identifier })))
    .sort((left, right) => right.identifier.length - left.identifier.length);
  const found = known.flatMap(({ subject, identifier }) => {
    const source = sourceOf([identifier]);
    return source === null ? [] : [{ source, cipher: subjectCipher(subject) }];
  });
  if (found.length === 0) return null;
  return {
    trace: new RegExp(found.map(({ source }) => source).join('|'), 'iu'),
    expression: new RegExp([wholeToken, ...found.map(({ source }) => `(${source})`)].join('|'), 'giu'),
    ciphers: found.map(({ cipher }) => cipher),
  };
};
