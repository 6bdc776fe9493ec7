export type Priority = 'must' | 'should' | 'could';

/** `FR-1.2`, `NFR-3`, `US-12`, `REQ_7`, `A1`, `R3`: letters, then a number that may go on. */
const identifier =
  /^(?:[A-Z]{1,6}[-_ ]?\d{1,4}(?:[.-]\d{1,4}){0,3}[a-z]?|[A-Z]{2,8}(?:-[A-Z]{2,8}){1,2}-\d{1,4})$/;

export const isIdentifier = (text: string): boolean => identifier.test(text.trim());

/** `FR-1.2: Edit it`, `[US-4] Edit it`, `**A1** — Edit it`, `Edit it (FR-1.2)`. */
const leading =
  /^[[(]?([A-Z]{1,6}[-_]?\d{1,4}(?:[.-]\d{1,4}){0,3}|[A-Z]{2,8}(?:-[A-Z]{2,8}){1,2}-\d{1,4})[\])]?(?:\s*[:.–—|)-]\s*|\s+)(?=\S)/;
const trailing = /\s*[[(]([A-Z]{1,6}[-_]\d{1,4}(?:\.\d{1,4}){0,3})[\])]\.?$/;

/** Things that look like an id and are not: `HTTP2 …`, `S3 …`, `P0 …`, `ISO 27001`. */
const lookalike =
  /^(?:P[0-4]|[QH][1-4]|S3|H264|HTTP\d?|UTF-?\d+|ISO-?\d+|SHA-?\d+|MP[34]|OAUTH\d|EC2|K8|WEB\d|B2[BC]|RFC-?\d+|SOC-?\d|L\d)$/i;

/** What a statement calls itself, and what it says without that. */
export const splitIdentifier = (text: string): { sourceId: string | null; text: string } => {
  const before = leading.exec(text);
  if (before?.[1] !== undefined && !lookalike.test(before[1])) {
    return { sourceId: before[1], text: text.slice(before[0].length).trim() };
  }
  const after = trailing.exec(text);
  if (after?.[1] !== undefined && !lookalike.test(after[1])) {
    return { sourceId: after[1], text: text.slice(0, after.index).trim() };
  }
  return { sourceId: null, text: text.trim() };
};

const spelled: readonly (readonly [RegExp, Priority])[] = [
  [/\b(?:p0|critical|highest|must(?:[- ]have)?|mandatory|required|essential|blocker|mvp)\b/i, 'must'],
  [/\b(?:p1|high|should(?:[- ]have)?|important)\b/i, 'should'],
  [
    /\b(?:p[2-5]|medium|low|lowest|could(?:[- ]have)?|won[’']?t(?:[- ]have)?|nice[- ]to[- ]have|optional|later|future)\b/i,
    'could',
  ],
];

/** Of a priority column, a label or a heading. Null when it names none. */
export const priorityOf = (label: string): Priority | null =>
  spelled.find(([pattern]) => pattern.test(label))?.[1] ?? null;

/** `… (P1)`, `[should] …`, `… — optional`: the label goes, the priority stays. */
const label =
  /\s*[[(](p[0-5]|must(?:[- ]have)?|should(?:[- ]have)?|could(?:[- ]have)?|won[’']?t(?:[- ]have)?|nice[- ]to[- ]have|optional|critical|high|medium|low|required|mvp)(?:\s+priority)?[\])]\s*/i;

export const splitPriority = (text: string): { priority: Priority | null; text: string } => {
  const found = label.exec(text);
  if (found?.[1] === undefined) return { priority: null, text };
  return { priority: priorityOf(found[1]), text: text.replace(label, ' ').trim() };
};

/** By the verb of the sentence itself: “should” wishes, “may” allows, everything else demands. */
export const priorityOfSentence = (text: string): Priority => {
  if (/\b(?:must|shall|required to|has to|have to|needs? to)\b/i.test(text)) return 'must';
  if (/\bshould\b/i.test(text)) return 'should';
  return /\b(?:could|may optionally|nice to have|optionally|ideally|if time permits)\b/i.test(text)
    ? 'could'
    : 'must';
};
