import type { QualityFigures } from '@partitura/shared/http';
import type { Readers } from '../queries/readers.ts';
import type { Asked } from './asked.ts';
import type { Counts } from './facts/fact.ts';
import { answerOf, type Paging, tallies } from './grouping.ts';
import { factsOf } from './reading-facts.ts';
import { rateOf } from './statistics.ts';

const begin = () => ({
  gates: { passed: 0, failed: 0, warned: 0 },
  checked: 0,
  passedFirstTime: 0,
  findings: { critical: 0, high: 0, medium: 0, low: 0 },
  deadLetters: 0,
  conflicts: 0,
  mergeRejections: 0,
  informed: 0,
  nodeIds: new Set<string>(),
  projects: new Set<string>(),
});
type Tally = ReturnType<typeof begin>;

const addFindings = ({ findings }: Tally, counts: Counts): void => {
  for (const severity of ['critical', 'high', 'medium', 'low'] as const)
    findings[severity] += counts[severity] ?? 0;
};

export const qualityOf = async (readers: Readers, asked: Asked, paging: Paging) => {
  const counted = tallies(asked.dimensions, begin);
  for await (const page of factsOf(readers, asked, 'gate'))
    for (const placed of page)
      counted.add(placed, (tally) => {
        for (const verdict of ['passed', 'failed', 'warned'] as const)
          tally.gates[verdict] += placed.fact[verdict];
        addFindings(tally, placed.fact.findings);
      });
  for await (const page of factsOf(readers, asked, 'task'))
    for (const placed of page.filter(({ fact }) => fact.isWork))
      counted.add(placed, (tally) => {
        const { outcome, conflicts, mergeRejections, findings } = placed.fact;
        tally.deadLetters += Number(outcome === 'dead_letter');
        tally.conflicts += conflicts;
        tally.mergeRejections += mergeRejections;
        addFindings(tally, findings);
      });
  for await (const page of factsOf(readers, asked, 'attempt'))
    for (const placed of page)
      counted.add(placed, (tally) => {
        const { firstChecksPassed, nodeIds } = placed.fact;
        tally.checked += Number(firstChecksPassed !== null);
        tally.passedFirstTime += Number(firstChecksPassed === true);
        tally.informed += Number(nodeIds.length > 0);
        tally.projects.add(placed.project);
        for (const id of nodeIds) tally.nodeIds.add(id);
      });
  const available = isByProject(asked) ? await nodesAvailable(readers, asked) : null;
  return answerOf(asked, paging, counted, presentWith(available));
};

/** What is known belongs to a project: no run, agent or day of it has a part of its own. */
const isByProject = ({ dimensions }: Asked): boolean =>
  dimensions.every((dimension) => dimension === 'project' || dimension === 'organization');

/** By project: what stood when the time that is asked about ended. */
const nodesAvailable = async (readers: Readers, asked: Asked): Promise<ReadonlyMap<string, number>> => {
  const known = new Map<string, number>();
  const { until, projectId } = asked;
  const ever = { since: null, until, dimensions: [], projectId };
  for await (const page of factsOf(readers, ever, 'knowledge'))
    for (const { project, fact } of page)
      known.set(project, (known.get(project) ?? 0) + fact.added - fact.retracted);
  return known;
};

const presentWith =
  (available: ReadonlyMap<string, number> | null) =>
  (tally: Tally): QualityFigures => {
    const { gates, checked, passedFirstTime, informed, nodeIds, projects } = tally;
    const { findings, deadLetters, conflicts, mergeRejections } = tally;
    const nodesAvailable =
      available && [...projects].reduce((sum, project) => sum + Math.max(0, available.get(project) ?? 0), 0);
    return {
      gates: { ...gates, passRate: rateOf(gates.passed, gates.passed + gates.failed + gates.warned) },
      checks: { attempts: checked, passedFirstTime, firstTimeRate: rateOf(passedFirstTime, checked) },
      ...{ findings, deadLetters, conflicts, mergeRejections },
      knowledge: {
        attempts: informed,
        nodesUsed: nodeIds.size,
        nodesAvailable,
        // A piece that was used may have been retracted since.
        reuseRate:
          nodesAvailable === null ? null : rateOf(Math.min(nodeIds.size, nodesAvailable), nodesAvailable),
      },
    };
  };
