import { defaultLoopLimits, isLoop, isOutOfTurns, repetitionOf } from '@partitura/shared/policies';
import { holderOf, isType, type PastRun, timeOf, type Word, type WordOf } from './record.ts';
import {
  callsFrom,
  type Finding,
  nothingFound,
  type Policy,
  type Stop,
  type Unknown,
  unknownAt,
} from './stops.ts';

type Wanted = NonNullable<Policy['loopDetection']>;

/** One cycle of one agent, from reason to its end. */
interface Cycle {
  readonly attemptId: string;
  readonly words: readonly Word[];
}

const cyclesOf = ({ words }: PastRun): readonly Cycle[] => {
  const agents = Map.groupBy(
    words.filter(({ stream }) => stream.startsWith('agent-')),
    holderOf,
  );
  return [...agents].flatMap(([attemptId, said]) => {
    const cycles: Word[][] = [[]];
    let cycle = 1;
    for (const word of said) {
      if (isType(word, 'agent.step_entered') && word.data.cycle !== cycle) {
        cycle = word.data.cycle;
        cycles.push([]);
      }
      cycles.at(-1)?.push(word);
    }
    return cycles.map((one) => ({ attemptId, words: one }));
  });
};

/** Where a call of a tool comes to be a loop by a limit; null when it never does. */
const loopIn = ({ words }: Cycle, maxRepeats: number) => {
  const called = new Map<string, WordOf<'tool.called'>['data']>();
  const times = new Map<string, number>();
  for (const word of words) {
    if (isType(word, 'tool.called')) called.set(word.data.toolCallId, word.data);
    if (!isType(word, 'tool.returned')) continue;
    const use = called.get(word.data.toolCallId);
    if (!use) continue;
    const key = repetitionOf(use, word.data.result);
    const count = (times.get(key) ?? 0) + 1;
    times.set(key, count);
    if (isLoop(count, { maxRepeats })) return { at: word, times: count };
  }
  return null;
};

/** The answer of the act step with which a cycle is out of turns, if the agent went on after it. */
const lastTurnIn = ({ words }: Cycle, maxTurns: number): WordOf<'model.answered'> | null => {
  const asked = words.flatMap((word) =>
    isType(word, 'model.requested') && word.data.purpose === 'act' ? [word] : [],
  );
  const acts = new Set(asked.map(({ data }) => data.callId));
  const turns = words.flatMap((word) =>
    isType(word, 'model.answered') && acts.has(word.data.callId) ? [word] : [],
  );
  const last = turns.find((_, index) => isOutOfTurns(index + 1, { maxTurns }));
  return last && asked.some(({ position }) => position > last.position) ? last : null;
};

const stopIn = (
  run: PastRun,
  cycle: Cycle,
  at: Word,
  what: Pick<Stop, 'setting' | 'action' | 'detail'>,
): Stop => {
  const { attemptId, words } = cycle;
  const last = words.at(-1) ?? at;
  const verified = words.find((word) => isType(word, 'agent.verified') && word.data.passed);
  const finished = words.find((word) => isType(word, 'agent.finished') && word.data.outcome === 'succeeded');
  const went = verified ?? finished;
  return {
    ...what,
    subject: attemptId,
    at,
    time: timeOf(at),
    spares: callsFrom(
      run,
      at.position,
      ({ holder, position }) => holder === attemptId && position <= last.position,
    ),
    until: timeOf(last),
    wrongly: went !== undefined,
    outcome: went ? 'The agent came through in this very cycle.' : 'The cycle led nowhere.',
  };
};

const byRepeats = (run: PastRun, maxRepeats: number): Finding => {
  const stops: Stop[] = [];
  const unknown: Unknown[] = [];
  for (const cycle of cyclesOf(run)) {
    const recorded = loopIn(cycle, defaultLoopLimits.maxRepeats);
    const found = loopIn(cycle, maxRepeats);
    const detail = (times: number) => `The same call had the same result ${times} times.`;
    if (found && (recorded === null || found.at.position < recorded.at.position))
      stops.push(
        stopIn(run, cycle, found.at, {
          setting: 'loopDetection.maxRepeats',
          action: 'rethink',
          detail: detail(found.times),
        }),
      );
    if (recorded && !found)
      unknown.push(
        unknownAt(
          'loopDetection.maxRepeats',
          cycle.attemptId,
          recorded.at,
          `It was stopped here, and would not have been: ${detail(recorded.times)}`,
        ),
      );
  }
  return { stops, unknown };
};

const byTurns = (run: PastRun, maxTurns: number): readonly Stop[] =>
  cyclesOf(run).flatMap((cycle) => {
    const at = lastTurnIn(cycle, maxTurns);
    if (at === null) return [];
    const detail = `It went on acting after its answer ${maxTurns}.`;
    return [stopIn(run, cycle, at, { setting: 'loopDetection.maxTurns', action: 'verify', detail })];
  });

/** What other limits on going in circles would have stopped. */
export const byLoops = (run: PastRun, wanted: Wanted | undefined): Finding => {
  if (wanted === undefined) return nothingFound;
  const { maxRepeats, maxTurns } = wanted;
  const repeats = maxRepeats === undefined ? nothingFound : byRepeats(run, maxRepeats);
  return {
    stops: [...repeats.stops, ...(maxTurns === undefined ? [] : byTurns(run, maxTurns))],
    unknown: repeats.unknown,
  };
};
