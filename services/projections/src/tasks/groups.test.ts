import { describe, expect, it } from '@jest/globals';
import { addUsage, noUsage } from '@partitura/shared/events';
import type { TaskStatus } from '@partitura/shared/http';
import { runStory } from '@partitura/shared/http/testing';
import * as fc from 'fast-check';
import { given } from '../testing/fold.ts';
import { sumUp } from './groups.ts';
import type { ChildTask, TaskDocument } from './task-document.ts';
import { tasks } from './tasks.ts';

const statuses: readonly TaskStatus[] = ['pending', 'ready', 'running', 'completed', 'cancelled', 'failed'];
const time = fc.constantFrom(null, '2026-01-01T00:00:01.000Z', '2026-01-01T00:00:02.000Z');
const change = fc.record({
  id: fc.constantFrom('a', 'b', 'constructor'),
  status: fc.constantFrom(...statuses),
  attempts: fc.nat(3),
  startedAt: time,
  completedAt: time,
  cost: fc.nat(9),
  /** The document was stored and read again. */
  again: fc.boolean(),
});

type Change = Parameters<Parameters<typeof change.map>[0]>[0];

const ordered = (values: readonly (string | null)[]): string[] => values.flatMap((one) => one ?? []).sort();

const isDone = ({ status }: ChildTask): boolean => status === 'completed' || status === 'cancelled';

/** Going through all there are, each time. */
const reference = (children: readonly ChildTask[]) => {
  const completed = children.every(isDone) && children.some(({ status }) => status === 'completed');
  const ends = ordered(children.map(({ completedAt }) => completedAt));
  return {
    completed,
    usage: children.reduce((sum, { usage }) => addUsage(sum, usage), noUsage),
    attempts: children.reduce((sum, { attempts }) => sum + attempts, 0),
    startedAt: ordered(children.map(({ startedAt }) => startedAt))[0] ?? null,
    completedAt: completed ? (ends.at(-1) ?? null) : null,
  };
};

const said = ({ status, usage, attempts, startedAt, completedAt }: TaskDocument) => ({
  completed: status === 'completed',
  ...{ usage, attempts, startedAt, completedAt },
});

describe('what the tasks of an epic come to', () => {
  it('is the sum of all of them as they are, whatever became of each before', async () => {
    const [epic] = [...(await given(tasks, runStory())).values()].filter(({ kind }) => kind === 'epic');
    if (!epic) throw new Error('The story has no epic.');
    const goThrough = (changes: readonly Change[]): void => {
      let parent: TaskDocument = { ...epic, children: {} };
      const now = new Map<string, ChildTask>();
      for (const { id, cost, again, ...changed } of changes) {
        const child: ChildTask = { ...changed, usage: { ...noUsage, costMicroUsd: cost, calls: 1 } };
        now.set(id, child);
        parent = sumUp(again ? structuredClone(parent) : parent, { ...epic, ...child, id, children: null });
        expect(said(parent)).toEqual(reference([...now.values()]));
        expect(Object.entries(parent.children ?? {})).toEqual([...now]);
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 30 }), async (changes) => goThrough(changes)),
      { numRuns: 300 },
    );
  });
});
