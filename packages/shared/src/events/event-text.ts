import { z } from 'zod';
import type { EventMetadata } from './envelope.ts';
import { isStreamName, type StreamName } from './identifiers.ts';

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNothing = (value: unknown): boolean => value === undefined || isText(value);

/** Written out: a hundred thousand of them are looked at in a verification. */
const isMetadata = (value: unknown): value is EventMetadata => {
  if (typeof value !== 'object' || value === null) return false;
  const {
    source,
    actor,
    correlationId,
    causationId,
    ...others
  }: Partial<Record<keyof EventMetadata, unknown>> = value;
  const { organizationId, projectId, runId, traceParent } = others;
  return (
    [source, actor, correlationId].every(isText) &&
    (causationId === null || isText(causationId)) &&
    [organizationId, projectId, runId, traceParent].every(isTextOrNothing)
  );
};

/**
 * What a text from a file has to have to be looked at as an event. What it says beside that, and whether it is what was recorded, is for
 * its hash to judge; whether its data keeps a contract, for the registry.
 */
export const eventText = z.object({
  data: z.unknown(),
  id: z.string(),
  metadata: z.custom<EventMetadata>(isMetadata),
  revision: z.int(),
  stream: z.custom<StreamName>(isStreamName),
  time: z.string(),
  type: z.string(),
  version: z.int(),
});
