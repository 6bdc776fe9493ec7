import { describe, expect, it } from '@jest/globals';
import type { ChatMessage } from '@partitura/shared/models';
import fc from 'fast-check';
import { compacted, continued } from './conversation.ts';

const sizeOf = (messages: readonly ChatMessage[]): number => JSON.stringify(messages).length;
const first: ChatMessage = { role: 'user', content: [{ kind: 'text', text: 'The task and its criteria.' }] };

const exchange = fc.record({
  said: fc.string({ maxLength: 400 }),
  path: fc.string({ maxLength: 40 }),
  result: fc.string({ maxLength: 3_000 }),
  failed: fc.boolean(),
});

describe('a conversation', () => {
  it('fits after compaction or is as short as it can be, and always begins with the whole task', () => {
    fc.assert(
      fc.property(
        fc.array(exchange, { maxLength: 25 }),
        fc.integer({ min: 500, max: 20_000 }),
        (exchanges, room) => {
          const whole = exchanges.reduce<readonly ChatMessage[]>(
            (messages, { said, path, result, failed }, index) =>
              continued(
                messages,
                [
                  { kind: 'text', text: said },
                  { kind: 'tool_call', id: `t${index}`, tool: 'read_file', arguments: { path } },
                ],
                [{ kind: 'tool_result', id: `t${index}`, content: result, failed }],
              ),
            [first],
          );
          const { messages, dropped } = compacted(whole, (some) => sizeOf(some) <= room);
          expect(messages[0]?.content[0]).toEqual(first.content[0]);
          expect(messages.length).toBe(whole.length - dropped);
          expect(messages.slice(1)).toEqual(whole.slice(1 + dropped));
          // Each side speaks in turn, and no result is left without its call.
          expect(messages.every(({ role }, index) => role === (index % 2 === 0 ? 'user' : 'assistant'))).toBe(
            true,
          );
          const asShortAsItCanBe = messages.length <= 3;
          expect(sizeOf(messages) <= room || asShortAsItCanBe).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('keeps one note of what was left out, however often it is shortened', () => {
    let messages: readonly ChatMessage[] = [first];
    for (let turn = 0; turn < 200; turn += 1) {
      messages = continued(
        messages,
        [{ kind: 'tool_call', id: `t${turn}`, tool: 'write_file', arguments: { path: `file${turn}` } }],
        [{ kind: 'tool_result', id: `t${turn}`, content: 'x'.repeat(500), failed: false }],
      );
      messages = compacted(messages, (some) => some.length <= 7).messages;
    }
    expect(messages[0]?.content).toHaveLength(2);
    const note = messages[0]?.content[1];
    expect(note?.kind === 'text' && note.text).toContain('write_file {"path":"file196"}');
    expect(sizeOf(messages)).toBeLessThan(10_000);
  });
});
