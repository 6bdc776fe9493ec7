import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from './envelope.ts';
import { asPosition, type Category, streamName } from './identifiers.ts';
import { askByType, type ByType, isFact, type RecordedIn, recordedIn, standsIn } from './recorded.ts';
import { versionOf } from './registry.ts';

const recorded = (
  category: Category,
  type: string,
  data: unknown,
  version = versionOf(type),
): RecordedEvent => ({
  id: 'e1',
  type,
  version,
  data,
  time: '2026-01-01T00:00:00.000Z',
  metadata: { source: '/test', actor: 'user:ada', correlationId: 'c', causationId: null },
  stream: streamName(category, 'r_1'),
  revision: 0,
  position: asPosition('1'),
  hash: '0'.repeat(64),
});

const resumed = recorded('run', 'run.resumed', {});
const answered = { callId: 'c1', model: 'm' };

describe('what is recorded', () => {
  it('is known by the stream it stands in and its type, as this program reads it', () => {
    const isPlanned = standsIn('plan', 'run');
    expect(isPlanned(resumed)).toBe(true);
    expect(isPlanned(recorded('plan', 'model.answered', answered))).toBe(true);
    // Both have it: the stream decides.
    expect(isPlanned(recorded('agent', 'model.answered', answered))).toBe(false);
    expect(isPlanned(recorded('agent', 'run.resumed', {}))).toBe(false);
    expect(isPlanned({ ...resumed, stream: 'runner-r_1' as typeof resumed.stream })).toBe(false);
  });

  it('is not taken for what it was called in an older version, or in a newer one', () => {
    const old = recorded('knowledge', 'knowledge.node_added', {}, 1);
    expect(versionOf(old.type)).toBeGreaterThan(1);
    for (const event of [old, { ...resumed, version: 2 }]) {
      expect(standsIn('knowledge', 'run')(event)).toBe(false);
      expect(isFact('knowledge.node_added', 'run.resumed')(event)).toBe(false);
    }
    for (const type of ['toString', 'constructor', '__proto__'])
      expect(standsIn('run')({ ...resumed, type })).toBe(false);
  });

  it('is read of one category or not at all', () => {
    const [first] = recordedIn('run', [resumed]);
    // Compiles because a test of the type tells what the data is.
    const wasPaused = (event: RecordedIn<'run'>): string | null =>
      event.type === 'run.paused' ? event.data.reason : null;
    expect(first && wasPaused(first)).toBeNull();
    expect(() => recordedIn('run', [resumed, recorded('plan', 'model.answered', answered)])).toThrow(
      'Revision 0 of plan-r_1 is "model.answered" in version 1, which is not read in a stream of the category run.',
    );
  });

  it('asks the function of its own type, and none for a type that only objects have', () => {
    const functions: ByType<'run.paused' | 'run.stopped', [string], [number], string> = {
      'run.paused': (before, { reason }, after) => `${before} ${reason} ${after}`,
    };
    const paused = recorded('run', 'run.paused', { reason: 'operator', detail: '' });
    expect(askByType(functions, paused, ['a'], [1])).toBe('a operator 1');
    for (const type of ['run.stopped', 'run.resumed', 'toString', 'never.heard_of'])
      expect(askByType(functions, { ...paused, type }, ['a'], [1])).toBeUndefined();
  });
});
