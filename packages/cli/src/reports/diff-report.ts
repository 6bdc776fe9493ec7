import type { OperationOutput, Operations } from '@partitura/shared/http';
import { oneLine } from '../screen/line.ts';
import type { Paper } from './run-report.ts';

type Diff = OperationOutput<Operations['getRunDiff']>;

/** `diff RUN`: a line for each change, under what it is about. */
export const diffReport = ({ runId, from, to, changes }: Diff, { pen }: Paper): readonly string[] => {
  const head = `${runId} from ${from} to ${to}`;
  if (changes.length === 0) return [head, '', 'Nothing changed.'];
  const subjects = Map.groupBy(changes, ({ subject }) => subject);
  return [
    head,
    ...[...subjects].flatMap(([subject, some]) => [
      '',
      pen.paint('bold', subject),
      ...some.map(({ sentence }) => `  ${oneLine(sentence, 400)}`),
    ]),
  ];
};
