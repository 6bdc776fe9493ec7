/** A kind of secret that has a shape of its own. */
export interface SecretPattern {
  /** What stands in its place: `[redacted:<kind>]`. */
  readonly kind: string;
  /** Global, and linear in time. A group named `kept` stays in front of the mark. */
  readonly expression: RegExp;
  /**
   * Found in the JSON text of every string that the expression matches, and quick to look for. It must not look at what
   * stands before or after: in JSON a line's start is preceded by the letter of `\n`.
   */
  readonly trace: RegExp;
}

/** Not in the middle of a word. In a text that is JSON or a URL, the end of an escape is not part of a word. */
const tokenBefore = String.raw`(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2}))`;
/** Without a digit it is prose with hyphens in it. */
const withDigit = '(?=[A-Za-z0-9_-]*[0-9])';

export const secretPatterns: readonly SecretPattern[] = [
  {
    kind: 'anthropic_key',
    trace: /sk-ant-/,
    expression: new RegExp(`${tokenBefore}sk-ant-[A-Za-z0-9_-]{8,}`, 'g'),
  },
  {
    kind: 'openai_key',
    trace: /sk-[A-Za-z0-9_-]{16}/,
    expression: new RegExp(`${tokenBefore}sk-${withDigit}[A-Za-z0-9_-]{16,}`, 'g'),
  },
  {
    kind: 'github_token',
    trace: /gh[pousr]_|github_pat_/,
    expression: new RegExp(`${tokenBefore}(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,})`, 'g'),
  },
  {
    kind: 'gitlab_token',
    trace: /glpat-/,
    expression: new RegExp(`${tokenBefore}glpat-[A-Za-z0-9_-]{16,}`, 'g'),
  },
  {
    kind: 'slack_token',
    trace: /xox[a-z]-/,
    expression: new RegExp(`${tokenBefore}xox[a-z]-[A-Za-z0-9-]{8,}`, 'g'),
  },
  {
    kind: 'aws_key',
    trace: /A[KS]IA[A-Z0-9]/,
    expression: new RegExp(`${tokenBefore}A[KS]IA[A-Z0-9]{16,}`, 'g'),
  },
  {
    kind: 'partitura_key',
    trace: /ptk_/,
    expression: new RegExp(`${tokenBefore}ptk_[A-Za-z0-9]+_[A-Za-z0-9_-]{8,}`, 'g'),
  },
  {
    kind: 'webhook_secret',
    trace: /whsec_/,
    expression: new RegExp(`${tokenBefore}whsec_[A-Za-z0-9+/]{16,}={0,2}`, 'g'),
  },
  {
    kind: 'private_key',
    trace: /PRIVATE KEY-----/,
    expression:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g,
  },
  {
    kind: 'bearer_token',
    trace: /earer\b/i,
    expression: new RegExp(
      String.raw`(?<kept>${tokenBefore}bearer\s{1,4})(?=[A-Za-z0-9._~+/-]*[0-9])[A-Za-z0-9._~+/-]{16,}=*`,
      'gi',
    ),
  },
  {
    kind: 'url_password',
    trace: /:\/\/[^\s/"]*@/,
    expression: /(?<kept>[A-Za-z][A-Za-z0-9+.-]{0,20}:\/\/[^\s/:@"]{0,200}:)[^\s/@"]{1,500}(?=@)/g,
  },
];

/** Takes secrets out of what is about to be kept for ever. */
export interface Redactor {
  /** For text: prompts, answers, tool output, files that become blobs. */
  redactText(text: string): string;
  /** For data: every string and every key, however deep. The value itself when there is nothing in it. */
  redactData(data: unknown): unknown;
  /** Whether JSON text may have a secret in it. May err on the side of yes; never says no of one that has. */
  suspects(json: string): boolean;
}

export interface RedactorOptions {
  /** Exact values, for example the keys this process was configured with. Shorter ones than six characters are ignored: they would match everywhere. */
  readonly secrets?: readonly string[];
  readonly patterns?: readonly SecretPattern[];
}

const shortestSecret = 6;

export const createRedactor = ({
  secrets = [],
  patterns = secretPatterns,
}: RedactorOptions = {}): Redactor => {
  const spellings = spellingsOf(secrets);
  const exact = spellings.length > 0 ? new RegExp(spellings.join('|'), 'g') : null;
  const traces = tracesOf(patterns, spellings);

  const suspects = (json: string): boolean => traces.some((trace) => trace.test(json));

  const redactText = (text: string): string => {
    // Traces are found in the text itself, too, and ten times as quickly as the expressions look.
    if (!suspects(text)) return text;
    let redacted = exact ? text.replace(exact, '[redacted:secret]') : text;
    for (const { kind, expression } of patterns)
      redacted = redacted.replace(expression, (...match) => `${keptOf(match)}[redacted:${kind}]`);
    return redacted;
  };

  return {
    redactText,
    redactData: (data) => redactDeep(data, redactText),
    suspects,
  };
};

/**
 * What every event is looked through for. Five alternatives at a time: past seven or so the engine gives up looking ahead
 * for all their first letters, and takes twice as long.
 */
const tracesOf = (patterns: readonly SecretPattern[], spellings: readonly string[]): readonly RegExp[] => {
  const sources = patterns.map(({ trace }) => sourceOf(trace));
  const groups = [spellings];
  for (let from = 0; from < sources.length; from += 5) groups.push(sources.slice(from, from + 5));
  return groups.filter((group) => group.length > 0).map((group) => new RegExp(group.join('|')));
};

/** As expressions, the longest first, so that one that contains another goes as a whole. */
const spellingsOf = (secrets: readonly string[]): readonly string[] =>
  [...new Set(secrets)]
    .filter((secret) => secret.length >= shortestSecret)
    .toSorted((left, right) => right.length - left.length)
    .flatMap((secret) => [[...secret].map(spellingOf).join(''), ...inUrl(secret)]);

const shortEscapes: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
};

/** A character as it is, or in JSON, or in JSON within JSON, however deep: each level puts more backslashes before it. */
const spellingOf = (character: string): string => {
  if (character === '\\') return String.raw`\\+`;
  const short = shortEscapes[character];
  if (short) return String.raw`(?:${character}|\\+${short})`;
  if (/["/]/.test(character)) return String.raw`\\*${RegExp.escape(character)}`;
  if (/[\x20-\x7e]/.test(character)) return RegExp.escape(character);
  const units = character.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
  return `(?:${RegExp.escape(character)}|(?i:${units.map((unit) => String.raw`\\+u${unit}`).join('')}))`;
};

const inUrl = (secret: string): string[] =>
  secret.isWellFormed() ? [RegExp.escape(encodeURIComponent(secret))] : [];
const sourceOf = ({ source, flags }: RegExp): string => (flags.includes('i') ? `(?i:${source})` : source);

const keptOf = (match: readonly unknown[]): string => {
  const groups = match.at(-1);
  return typeof groups === 'object' && groups !== null && 'kept' in groups ? String(groups.kept) : '';
};

const redactDeep = (value: unknown, redactText: (text: string) => string): unknown => {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, redactText));
  const names = new Set<string>();
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      freeName(redactText(key), names),
      redactDeep(item, redactText),
    ]),
  );
};

/** Two keys that were secrets must not become one. */
const freeName = (name: string, taken: Set<string>): string => {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name}#${number}`;
  taken.add(free);
  return free;
};
