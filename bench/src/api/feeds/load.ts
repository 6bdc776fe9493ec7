import { openLoop } from '../open-loop.ts';
import { residentMiB, type Usage, usage } from '../usage.ts';

export interface Loaded {
  readonly events: number;
  readonly from: Usage;
  /** The most of four looks a second. */
  readonly mostMiB: number;
}

export const perSecond = 200;
/** Of all events that are counted; what stands after it says when it was due. */
export const mark = 'b_';

/** Sends events at their rate, and looks at what it costs the process. */
export const load = async (
  seconds: number,
  send: (dueAt: number, index: number) => void,
): Promise<Loaded> => {
  const from = usage();
  let mostMiB = from.rssMiB;
  const looking = setInterval(() => {
    mostMiB = Math.max(mostMiB, residentMiB());
  }, 250);
  await openLoop(perSecond, seconds, send);
  clearInterval(looking);
  return { events: perSecond * seconds, from, mostMiB };
};
