import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sha256 } from '../canonical/index.ts';
import type { RecordedEvent } from './envelope.ts';
import { type ChainedEvent, chainedText, chainHash, hashBeforeTheFirst, verifyChain } from './hash-chain.ts';
import { asPosition, streamName } from './identifiers.ts';

const chained = (streams: readonly string[], length: number): RecordedEvent[] => {
  const events: RecordedEvent[] = [];
  const hashes = new Map<string, string>();
  for (let revision = 0; revision < length; revision += 1) {
    for (const id of streams) {
      const event: ChainedEvent = {
        id: `${id}${revision}`,
        type: 'task.commented',
        version: 1,
        data: { taskId: 't', text: `text ${revision}` },
        time: '2026-01-02T03:04:05.678Z',
        metadata: { source: '/orchestrator', actor: 'user:a', correlationId: 'c', causationId: null },
        stream: streamName('run', id),
        revision,
      };
      const hash = chainHash(hashes.get(id) ?? hashBeforeTheFirst, chainedText(event));
      hashes.set(id, hash);
      events.push({ ...event, position: asPosition(String(events.length)), hash });
    }
  }
  return events;
};

describe('the hash chain', () => {
  it('is what the documentation says', () => {
    const [first] = chained(['a'], 1);
    const text =
      '{"data":{"taskId":"t","text":"text 0"},"id":"a0","metadata":{"actor":"user:a","causationId":null,"correlationId":"c","source":"/orchestrator"},' +
      '"revision":0,"stream":"run-a","time":"2026-01-02T03:04:05.678Z","type":"task.commented","version":1}';
    expect(first?.hash).toBe(sha256(`${'0'.repeat(64)}${text}`));
  });

  it('holds for streams side by side, and names their last hashes', () => {
    const events = chained(['a', 'b'], 4);
    expect(verifyChain(events)).toEqual({
      intact: true,
      events: 8,
      heads: new Map([
        ['run-a', events.at(-2)?.hash],
        ['run-b', events.at(-1)?.hash],
      ]),
    });
    expect(verifyChain([])).toMatchObject({ intact: true, events: 0 });
  });

  it('does not depend on positions: a stream can move to another store', () => {
    const moved = chained(['a'], 3).map((event) => ({ ...event, position: asPosition('elsewhere') }));
    expect(verifyChain(moved)).toMatchObject({ intact: true });
  });

  const changes: readonly [string, (event: RecordedEvent) => RecordedEvent][] = [
    ['its data', (event) => ({ ...event, data: { taskId: 't', text: 'another' } })],
    ['its time', (event) => ({ ...event, time: '2026-01-02T03:04:05.679Z' })],
    ['its type', (event) => ({ ...event, type: 'task.approved' })],
    ['its version', (event) => ({ ...event, version: 2 })],
    ['its id', (event) => ({ ...event, id: 'other' })],
    ['who did it', (event) => ({ ...event, metadata: { ...event.metadata, actor: 'user:b' } })],
    ['its hash', (event) => ({ ...event, hash: sha256('other') })],
  ];
  it.each(changes)('breaks at the event of which somebody changed %s', (_, change) => {
    fc.assert(
      fc.property(fc.nat({ max: 9 }), (place) => {
        const events = chained(['a', 'b'], 5).map((event, index) =>
          index === place ? change(event) : event,
        );
        const verdict = verifyChain(events);
        expect(verdict).toMatchObject({
          intact: false,
          events: place,
          firstBreak: { kind: 'content', eventId: events[place]?.id },
        });
      }),
    );
  });

  it('breaks where an event is missing, doubled, moved, or from another stream', () => {
    const events = chained(['a'], 5);
    const without = events.filter(({ revision }) => revision !== 2);
    expect(verifyChain(without)).toMatchObject({
      firstBreak: { kind: 'revision', revision: 3, detail: 'run-a goes from revision 1 to 3.' },
    });
    const renumbered = without.map((event, revision) => ({ ...event, revision }));
    expect(verifyChain(renumbered)).toMatchObject({ firstBreak: { kind: 'content', eventId: 'a3' } });
    expect(verifyChain(events.flatMap((event) => [event, event]))).toMatchObject({
      firstBreak: { kind: 'revision', revision: 0 },
    });
    expect(verifyChain(events.slice(1))).toMatchObject({ firstBreak: { kind: 'revision', revision: 1 } });
    const abducted = events.map((event) => ({ ...event, stream: streamName('run', 'z') }));
    expect(verifyChain(abducted)).toMatchObject({ firstBreak: { kind: 'content', revision: 0 } });
  });
});
