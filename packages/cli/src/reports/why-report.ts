import type { OperationOutput, Operations } from '@partitura/shared/http';
import { fields } from '../output/table.ts';
import { counted, duration } from '../screen/figures.ts';
import { joined, oneLine } from '../screen/line.ts';
import type { Pen } from '../screen/symbols.ts';
import type { Paper } from './run-report.ts';

type Entry = readonly [string, string | null];

export type Why = OperationOutput<Operations['explainLine']>;

const short = (commit: string): string => commit.slice(0, 12);

/** From what was wanted to what was written. */
export const whyReport = (answer: Why, { pen, now }: Paper): readonly string[] => [
  pen.paint('bold', titleOf(answer)),
  ...fields(answer.line === null ? [] : [...wanted(answer), ...done(answer, now)]),
  ...remarks(answer, pen),
  ...(answer.line === null ? commitsOf(answer) : []),
];

const titleOf = ({ path, line, text }: Why): string =>
  line === null ? path : `${path}:${line}  ${oneLine(text ?? '', 200)}`;

const wanted = ({ requirements, task, attempt, approvals }: Why): readonly Entry[] => [
  ...requirements.flatMap(({ id, sourceId, text, prd }): Entry[] => [
    ['prd', joined(`${prd.name}:${prd.line}`, oneLine(prd.text ?? '', 200))],
    ['requirement', joined(id, sourceId, oneLine(text, 200))],
  ]),
  ...approvals.map(
    ({ action, status, decidedBy, comment }): Entry => [
      'approval',
      joined(action.replaceAll('_', ' '), status, decidedBy, oneLine(comment)),
    ],
  ),
  ['task', task && joined(task.id, oneLine(task.title, 200))],
  ['agent', attempt && joined(attempt.id, attempt.agentType, attempt.model)],
];

const done = (
  { prompt, memory, knowledge, answer, step, commit, merge, looked }: Why,
  now: number,
): readonly Entry[] => [
  ...memory.map(({ kind, text }): Entry => [kind.replaceAll('_', ' '), oneLine(text, 200)]),
  ...knowledge.map(
    ({ kind, title, retracted }): Entry => [
      'knew',
      joined(kind, oneLine(title), retracted ? 'retracted since' : null),
    ],
  ),
  [
    'prompt',
    prompt && joined(prompt.purpose, counted(prompt.messages, 'message'), prompt.artifactId.slice(0, 12)),
  ],
  ['answer', answer && joined(oneLine(answer.text, 200), answer.artifactId.slice(0, 12))],
  ['step', step && joined(`${step.step}, cycle ${step.cycle}`, step.tool, certainties[step.certainty])],
  ['result', step?.result ? oneLine(step.result.text) : null],
  [
    'commit',
    commit &&
      joined(short(commit.id), oneLine(commit.subject), `${duration(now - Date.parse(commit.time))} ago`),
  ],
  ['merged', merge && joined(short(merge.commit), looked.branch)],
];

const certainties = {
  wrote: null,
  touched: 'wrote the file, and the line became what it is later',
  command: 'the last command before the commit; no call names the file',
} as const;

const remarks = ({ notes, missing }: Why, pen: Pen): readonly string[] => [
  ...notes.map(({ detail }) => `${pen.mark('attention')} ${oneLine(detail, 400)}`),
  ...missing.map(
    ({ link, code, detail }) => `${pen.mark('failed')} ${link}: ${oneLine(detail, 400)} (${code})`,
  ),
];

const commitsOf = ({ commits }: Why): readonly string[] =>
  commits.map(({ id, kind, author, subject, attemptId }) =>
    joined(short(id), oneLine(subject), attemptId ?? `${author} (${kind})`),
  );
