import { z } from 'zod';
import { contract, type EventOf } from './define.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** An event by what it is called in every store: positions differ from one to the next. */
const place = z.strictObject({ stream: z.string(), revision: z.int().nonnegative(), eventId: z.string() });
export type SealedPlace = z.infer<typeof place>;

/** What the signature of a seal covers. */
export const sealContent = z.strictObject({
  /** The how-manieth seal of the log, from 1. */
  number: z.int().positive(),
  /** Since the seal before; none where nothing is new but that the process ends. */
  events: z.int().nonnegative(),
  /** Since the beginning, seals not counted. */
  total: z.int().positive(),
  /** The first event since the seal before; null where there is none. */
  from: place.nullable(),
  through: place,
  /** Of the chain over all events up to `through`, in the log's order: see `sealing/log-chain.ts`. */
  head: sha256,
  /** SHA-256 of the content of the seal before, 64 zeros for the first. */
  previous: sha256,
  /** The process that sealed ends, and has seen everything there is. */
  closing: z.boolean(),
  /** Ed25519, in hex. Its fingerprint says whose it is. */
  publicKey: sha256,
  fingerprint: z.string(),
});
export type SealContent = z.infer<typeof sealContent>;

/** Stream `seal-log`, owned by the projections. */
export const sealEvents = {
  'log.sealed': contract(
    'The log up to an event is exactly what it was then: the head of a chain over all of it, signed.',
    sealContent.extend({ signature: z.string().regex(/^[0-9a-f]{128}$/) }),
  ),
};
export type SealEvent = EventOf<typeof sealEvents>;
