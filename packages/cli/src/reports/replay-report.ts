import type { ReplayReport } from '@partitura/shared/replaying';

type Divergence = NonNullable<ReplayReport['divergence']>;

const longest = 2_000;

const textOf = (said: Divergence['recorded'], refusal: Divergence['refusal'] = null): string => {
  if (refusal) return `refused: ${refusal.code}: ${refusal.message}`;
  return said === null ? 'nothing' : `${said.type} ${JSON.stringify(said.data)}`.slice(0, longest);
};

const inputOf = ({ input }: Divergence): string => {
  const where = input.stream === null ? '' : ` (${input.stream}, revision ${input.revision})`;
  return `${input.kind} ${input.type}${where} ${JSON.stringify(input.data)}`.slice(0, longest);
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 0)} s`;

const divergenceLines = (found: Divergence, all: number): readonly string[] => [
  `✗ ${found.stream}, revision ${found.revision}, position ${found.position}, ${found.time}`,
  `  recorded   ${textOf(found.recorded)}`,
  `  now        ${textOf(found.decided, found.refusal)}`,
  `  because of ${inputOf(found)}`,
  ...(all > 1 ? [`  and ${all - 1} more behind it`] : []),
];

/** A replay for people. */
export const replayLines = (report: ReplayReport): readonly string[] => {
  const { divergence, decisions, outcomes, taken, events } = report;
  const given = taken > 0 ? `, ${taken} taken from the record` : '';
  return [
    `${divergence === null ? '✓ agrees' : '✗ differs'}: ${report.run} to position ${report.position}`,
    `  ${events} events: ${decisions} decided once more, ${outcomes} came from outside${given}`,
    `  ${seconds(report.recordedMs)} in ${seconds(report.replayMs)}, ${Math.round(report.speed)} times as fast`,
    `  ${report.hash}`,
    ...(divergence === null ? [] : divergenceLines(divergence, report.divergences)),
  ];
};
