import {
  type Category,
  defaultOrganization,
  parseStreamName,
  type RecordedEvent,
  registry,
} from '@partitura/shared/events';
import { placeOf } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import type { Webhook } from './webhook.ts';

/**
 * What goes out. Not what the notifier itself records, which would feed on itself; nor what only administrators see, or what is
 * about the installation.
 */
const outgoing: readonly Category[] = ['project', 'run', 'plan', 'agent', 'merge', 'knowledge'];

const outgoingTypes: ReadonlySet<string> = new Set(
  outgoing.flatMap((category) => Object.keys(registry[category])),
);

export const isOutgoing = ({ stream }: RecordedEvent): boolean =>
  outgoing.includes(parseStreamName(stream).category);

/** Whether the webhook is to be told of the event. */
export const isWanted = (webhook: Webhook, event: RecordedEvent): boolean => {
  if (webhook.disabled !== null || webhook.removed) return false;
  if ((event.metadata.organizationId ?? defaultOrganization) !== webhook.organizationId) return false;
  if (!isWantedType(webhook.types, event.type)) return false;
  const { projectId, runId } = placeOf(event);
  return isNamed(webhook.projectIds, projectId) && isNamed(webhook.runIds, runId);
};

const isNamed = (ids: readonly string[], id: string | null): boolean =>
  ids.length === 0 || (id !== null && ids.includes(id));

const isWantedType = (types: readonly string[], type: string): boolean =>
  types.length === 0 || types.some((wanted) => matches(wanted, type));

const matches = (wanted: string, type: string): boolean =>
  wanted === '*' || wanted === type || (wanted.endsWith('.*') && type.startsWith(wanted.slice(0, -1)));

/**
 * A type that there is not would never be sent, and nobody would know why.
 * @throws {PartituraError} `UNKNOWN_EVENT_TYPE`
 */
export const requireTypes = (types: readonly string[]): void => {
  const problems = types.flatMap((wanted, index) =>
    [...outgoingTypes].some((type) => matches(wanted, type))
      ? []
      : [{ path: `body.types.${index}`, message: `names no event that is sent: ${wanted}` }],
  );
  if (problems.length === 0) return;
  throw new PartituraError('UNKNOWN_EVENT_TYPE', 'A type of event is not one that is sent to webhooks.', {
    problems,
    advice: 'See /api/asyncapi.json for the types; task.* stands for all that begin with "task.".',
  });
};
