import { expect, it } from '@jest/globals';
import { eventText } from './event-text.ts';

const metadata = { source: '/test', actor: 'user:ada', correlationId: 'c', causationId: null, runId: 'r_1' };
const text = {
  ...{ id: 'e1', type: 'run.resumed', version: 1, data: {}, time: '2026-01-01T00:00:00.000Z' },
  ...{ metadata, stream: 'run-r_1', revision: 0 },
};

it('takes a text for an event when it says where it stands, who it was and why', () => {
  const later = { ...metadata, saidLater: true };
  // What it does not know stays: the hash covers it.
  expect(eventText.parse({ ...text, metadata: later }).metadata).toBe(later);
  for (const bad of [
    ...['stream', 'metadata', 'revision', 'type'].map((field) => ({ ...text, [field]: undefined })),
    ...['run', 'runner-r_1', 'r_1', 7].map((stream) => ({ ...text, stream })),
    ...['actor', 'source', 'correlationId', 'causationId'].map((field) => ({
      ...text,
      metadata: { ...metadata, [field]: undefined },
    })),
    { ...text, metadata: { ...metadata, runId: 7 } },
    { ...text, metadata: null },
  ])
    expect([bad, eventText.safeParse(bad).success]).toEqual([bad, false]);
});
