import type { OperationOutput, Operations } from '@partitura/shared/http';
import { table } from '../output/table.ts';
import { counted, dollars, duration, quantity } from '../screen/figures.ts';
import { joined, oneLine } from '../screen/line.ts';
import type { Paper } from './run-report.ts';
import { statusText } from './status.ts';

/** The code's difference, or why there is none. */
export type Code =
  | OperationOutput<Operations['getCodeDifference']>
  | { readonly code: string; readonly detail: string };
type Comparison = OperationOutput<Operations['compareRuns']>;
type Side = Comparison['a'];
type Task = NonNullable<Comparison['tasks'][number]['a']>;
type Decision = NonNullable<Comparison['parting']>;

/** `compare A B`. */
export const compareReport = (
  comparison: Comparison,
  code: Code,
  paper: Paper,
  patch: boolean,
): readonly string[] => [
  ...runsOf(comparison, paper),
  '',
  ...tasksOf(comparison, paper),
  '',
  ...partingOf(comparison),
  '',
  ...codeOf(code, patch),
];

const signed = (value: number, text: (value: number) => string): string =>
  `${value < 0 ? '−' : '+'}${text(Math.abs(value))}`;

const runsOf = ({ a, b, difference }: Comparison, { pen, width }: Paper): readonly string[] => {
  const row = (name: string, shown: (side: Side) => string, more = '') => [name, shown(a), shown(b), more];
  return table(
    [{ title: '' }, { title: 'A' }, { title: 'B' }, { title: 'B − A' }],
    [
      row('run', ({ runId }) => runId),
      row('status', ({ status }) => statusText(status, pen)),
      row('model', ({ model }) => model),
      row('tasks', ({ completed, tasks }) => `${completed}/${tasks}`),
      row('requirements', ({ requirementsMet, requirements }) => `${requirementsMet}/${requirements}`),
      row('cost', ({ usage }) => dollars(usage.costUsd), signed(difference.costUsd, dollars)),
      row('tokens', ({ tokens }) => quantity(tokens), signed(difference.tokens, quantity)),
      row(
        'time',
        ({ durationMs }) => (durationMs === null ? '' : duration(durationMs)),
        difference.durationMs === null ? '' : signed(difference.durationMs, duration),
      ),
      row('gates', ({ gates }) => `${gates.passed} passed, ${gates.failed} failed`),
    ],
    width,
  );
};

const cell = (task: Task | null): string =>
  task === null
    ? 'none'
    : joined(
        task.status.replaceAll('_', ' '),
        task.attempts === 1 ? null : counted(task.attempts, 'attempt'),
        dollars(task.costUsd),
        task.durationMs === null ? null : duration(task.durationMs),
      );

const tasksOf = ({ tasks }: Comparison, { width }: Paper): readonly string[] =>
  table(
    [
      { title: 'TASK' },
      { title: 'A' },
      { title: 'B' },
      { title: 'DIFFERS' },
      { title: 'TITLE', flexible: true },
    ],
    tasks.map(({ key, a, b, differs }) => [
      key,
      cell(a),
      cell(b),
      differs.join(', '),
      oneLine((a ?? b)?.title ?? ''),
    ]),
    width,
  );

const decided = (decision: Decision['a']): string =>
  decision === null ? 'never' : `${oneLine(decision.value)} (at ${decision.position})`;

const partingOf = ({ parting, decisions }: Comparison): readonly string[] => {
  const same = `${counted(decisions.same, 'decision')} the same, ${decisions.different} not`;
  if (parting === null) return [`They decided alike: ${same}.`];
  const { kind, subject, a, b } = parting;
  return [`They part at ${kind} ${oneLine(subject)}: ${same}.`, `  A  ${decided(a)}`, `  B  ${decided(b)}`];
};

const codeOf = (code: Code, patch: boolean): readonly string[] => {
  if (!('files' in code)) return [`Code: ${oneLine(code.detail, 400)} (${code.code})`];
  if (code.filesChanged === 0) return ['Code: the same.'];
  const files = code.files.map(({ path, insertions, deletions }) =>
    insertions === null
      ? `  ${oneLine(path)}  binary`
      : `  ${oneLine(path)}  +${insertions} −${deletions ?? 0}`,
  );
  // An escape sequence in somebody's code must not reach the terminal.
  const lines = code.patch
    .split('\n')
    .map((line) => line.replaceAll('\t', '    ').replaceAll(/\p{Cc}/gu, ''));
  return [
    `Code: ${counted(code.filesChanged, 'file')}, +${code.insertions} −${code.deletions}`,
    ...files,
    ...(patch ? ['', ...lines] : []),
    ...(patch && code.truncated ? ['[… the rest left out]'] : []),
  ];
};
