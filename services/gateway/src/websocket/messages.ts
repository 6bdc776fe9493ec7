import type { CloudEvent } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { z } from 'zod';
import type { Problem } from '../problem.ts';

const id = z.string().min(1).max(200);
/** `all`, or a kind and an id: `run:r_1`. */
const topic = z
  .string()
  .regex(/^(all|(project|run|task|agent):.{1,200})$/, 'has to be all, or a kind and an id as in run:r_1');

const join = z.strictObject({
  type: z.literal('join'),
  topic,
  /** What was seen already: nothing of the state is sent then, only what was recorded since. */
  after: z.string().max(200).optional(),
  types: z.array(z.string().max(100)).max(100).optional(),
});
const leave = z.strictObject({ type: z.literal('leave'), topic });
const ping = z.strictObject({ type: z.literal('ping') });

/** The same id again is the same command: see `Idempotency-Key`. */
const ofCommand = { type: z.literal('command'), id };
const scheduling = z.strictObject({
  ...ofCommand,
  command: z.enum(['pause', 'resume']),
  /** `run:r_1` or `project:p_1` */
  target: z.string().regex(/^(run|project):.{1,200}$/, 'has to be a run or a project, as in run:r_1'),
  reason: z.string().max(2_000).optional(),
});
const message = z.strictObject({
  ...ofCommand,
  command: z.literal('message'),
  target: z.string().regex(/^agent:.{1,200}$/, 'has to be an agent, as in agent:r_1.T1.a1'),
  text: z.string().min(1).max(10_000),
});

const clientMessage = z.discriminatedUnion('type', [
  join,
  leave,
  ping,
  z.discriminatedUnion('command', [scheduling, message]),
]);
export type ClientMessage = z.infer<typeof clientMessage>;
export type Join = z.infer<typeof join>;
export type Command = Extract<ClientMessage, { type: 'command' }>;

export type ServerMessage =
  | { readonly type: 'welcome'; readonly heartbeatMs: number }
  /** `position`: events after it follow. `state` has at least what was recorded up to there; null for who brought `after`. */
  | { readonly type: 'joined'; readonly topic: string; readonly position: string; readonly state: unknown }
  | { readonly type: 'event'; readonly topic: string; readonly position: string; readonly event: CloudEvent }
  | { readonly type: 'left'; readonly topic: string }
  | { readonly type: 'acknowledged'; readonly id: string; readonly result: unknown }
  | { readonly type: 'refused'; readonly id: string; readonly problem: Problem }
  | { readonly type: 'error'; readonly topic?: string; readonly problem: Problem }
  | { readonly type: 'pong' }
  | { readonly type: 'closing'; readonly reason: string; readonly detail: string };

/** A message of type `event`, around an event that is JSON already. */
export const eventText = (topic: string, position: string, event: string): string =>
  `{"type":"event","topic":${JSON.stringify(topic)},"position":${JSON.stringify(position)},"event":${event}}`;

/** @throws {PartituraError} `MALFORMED_JSON`, `BAD_MESSAGE` */
export const parseMessage = (text: string): ClientMessage => {
  const parsed = clientMessage.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new PartituraError('BAD_MESSAGE', 'The message is not as it has to be.', {
    problems: parsed.error.issues.map(({ path, message: text }) => ({ path: path.join('.'), message: text })),
  });
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PartituraError('MALFORMED_JSON', 'The message is not JSON.', { cause });
  }
};
