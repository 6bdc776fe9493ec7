import type { OperationOutput, Operations } from '@partitura/shared/http';
import { counted, dollars, duration, quantity } from '../screen/figures.ts';
import { joined, oneLine } from '../screen/line.ts';
import type { Pen } from '../screen/symbols.ts';
import type { Paper } from './run-report.ts';

type Backtest = OperationOutput<Operations['backtestPolicy']>;
type Run = Backtest['runs'][number];
type Stop = Run['stops'][number];
type Saved = Stop['saved'];

const savings = ({ costUsd, tokens, wallMs }: Saved): string =>
  joined(dollars(costUsd), `${quantity(tokens)} tokens`, wallMs === 0 ? null : duration(wallMs));

const stopLine = (stop: Stop, pen: Pen): readonly string[] => [
  `  ${pen.mark(stop.wrongly === true ? 'failed' : 'done')} ${stop.setting}: ${stop.action.replaceAll('_', ' ')} ${stop.subject} at ${stop.position}`,
  `    ${joined(oneLine(stop.detail, 300), `saves ${savings(stop.saved)}`, oneLine(stop.outcome), stop.wrongly === true ? 'wrongly' : null)}`,
];

const runLines = (run: Run, { pen }: Paper): readonly string[] => [
  joined(pen.paint('bold', run.runId), run.status.replaceAll('_', ' ')),
  ...run.stops.flatMap((stop) => stopLine(stop, pen)),
  ...run.unknown.map(
    ({ setting, detail }) => `  ${pen.mark('attention')} ${setting}: ${oneLine(detail, 300)}`,
  ),
];

/** `backtest`: only runs of which there is something to say. */
export const backtestReport = ({ runs, total, truncated }: Backtest, paper: Paper): readonly string[] => [
  ...runs
    .filter(({ stops, unknown }) => stops.length + unknown.length > 0)
    .flatMap((run) => runLines(run, paper)),
  `${counted(total.runs, 'run')}${truncated ? ' of more' : ''}: ${total.stopped} would have been stopped, ${counted(total.wrongStops, 'stop')} wrongly · saves ${savings(total.saved)}`,
];
