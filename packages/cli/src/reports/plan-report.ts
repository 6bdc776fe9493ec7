import { type PlanDocument, shortDuration, textGantt } from '@partitura/shared/planning';
import { counted, dollars, quantity } from '../screen/figures.ts';
import { joined, oneLine } from '../screen/line.ts';
import type { Paper } from './run-report.ts';

export interface PlanPaper extends Paper {
  readonly unicode: boolean;
  readonly rehearsal: boolean;
}

/** `plan`: the schedule with its critical path, what it will take, what may go wrong, and what was assumed. */
export const planReport = (plan: PlanDocument, paper: PlanPaper): readonly string[] => [
  textGantt(plan, {
    width: Math.min(paper.width, 140),
    unicode: paper.unicode,
    emphasise: (text) => paper.pen.paint('bold', text),
  }),
  '',
  estimateLine(plan, paper),
  ...section('Requirements', plan.requirements.map(requirementLine), paper),
  ...section(
    'Questions, and what is assumed until they are answered',
    plan.questions.map(
      ({ id, text, assumption }) => `${id} ${oneLine(text, 300)} → ${oneLine(assumption, 300)}`,
    ),
    paper,
  ),
  ...section(
    'Risks',
    plan.risks.map(
      ({ title, likelihood, impact, mitigation }) =>
        `${oneLine(title, 300)} (${likelihood} likelihood, ${impact} impact): ${oneLine(mitigation, 300)}`,
    ),
    paper,
  ),
];

const requirementLine = ({ id, text, line, priority }: PlanDocument['requirements'][number]): string =>
  `${id} ${oneLine(text, 300)} (line ${line}, ${priority})`;

const estimateLine = (
  { estimate: { durationMs, costMicroUsd, tokens, simulations } }: PlanDocument,
  { rehearsal }: PlanPaper,
): string =>
  joined(
    `P50 ${shortDuration(durationMs.p50)}, P90 ${shortDuration(durationMs.p90)}`,
    rehearsal
      ? 'no cost: this is a rehearsal'
      : `P50 ${dollars(costMicroUsd.p50 / 1e6)}, P90 ${dollars(costMicroUsd.p90 / 1e6)}`,
    `${quantity(tokens.p50)} to ${quantity(tokens.p90)} tokens`,
    counted(simulations, 'simulation'),
  );

const section = (title: string, lines: readonly string[], { pen }: Paper): readonly string[] =>
  lines.length === 0 ? [] : ['', `${pen.paint('bold', title)}:`, ...lines.map((text) => `  ${text}`)];
