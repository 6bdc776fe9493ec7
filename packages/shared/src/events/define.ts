import type { z } from 'zod';
import type { DomainEvent } from './envelope.ts';

/** Turns the data of version n into that of version n + 1. Pure: it runs at every read. */
export type Upcaster = (data: never) => unknown;

/** The contract of one event type: its current version, what its data looks like, and how older data becomes it. */
export interface EventContract<Schema extends z.ZodType = z.ZodType> {
  readonly version: number;
  readonly schema: Schema;
  /** One line for AsyncAPI and the documentation. */
  readonly description: string;
  /** `upcasters[1]` turns version 1 into version 2, and so on up to the current version. */
  readonly upcasters?: Readonly<Record<number, Upcaster>>;
}

export type EventContracts = Readonly<Record<string, EventContract>>;

/** A first version; a later one is written as `{ ...contract(...), version: 2, upcasters: { 1: … } }`. */
export const contract = <Schema extends z.ZodType>(
  description: string,
  schema: Schema,
): EventContract<Schema> => ({
  version: 1,
  schema,
  description,
});

/** The union of the facts that a table of contracts allows. */
export type EventOf<Contracts extends EventContracts> = {
  [Type in keyof Contracts & string]: DomainEvent<Type, z.infer<Contracts[Type]['schema']>>;
}[keyof Contracts & string];
