import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { contract, type EventContract } from './define.ts';
import { categories } from './identifiers.ts';
import { createEventRegistry, eventRegistry, registry, versionOf } from './registry.ts';
import { upcastData } from './upcasting.ts';

const renamed: EventContract = {
  version: 3,
  description: 'Made up.',
  schema: z.strictObject({ fullName: z.string(), age: z.int() }),
  upcasters: {
    1: ({ name }: { name: string }) => ({ fullName: name }),
    2: ({ fullName }: { fullName: string }) => ({ fullName, age: 0 }),
  },
};

describe('the event registry', () => {
  const made = createEventRegistry({
    run: {
      'a.happened': contract('A.', z.strictObject({ deep: z.strictObject({ list: z.array(z.int()) }) })),
      'b.happened': renamed,
    },
    plan: { 'b.happened': renamed },
  });

  it('says field by field what is wrong', () => {
    expect(made.validate('run', 'a.happened', 1, { deep: { list: [1, 'two'] } })).toMatchObject({
      valid: false,
      problems: [{ path: 'deep.list.1' }],
    });
    expect(made.validate('run', 'a.happened', 1, 7)).toMatchObject({
      valid: false,
      problems: [{ path: '' }],
    });
    expect(made.validate('run', 'a.happened', 1, { deep: { list: [] } })).toEqual({
      valid: true,
      data: { deep: { list: [] } },
    });
  });

  it('lets an event stand only in the streams it was declared for, in its current version', () => {
    expect(made.validate('plan', 'a.happened', 1, { deep: { list: [] } })).toMatchObject({
      valid: false,
      problems: [{ path: 'type' }],
    });
    expect(made.validate('webhook', 'a.happened', 1, {})).toMatchObject({
      valid: false,
      problems: [{ path: 'type' }],
    });
    expect(made.validate('run', 'b.happened', 2, { fullName: 'x' })).toMatchObject({
      valid: false,
      problems: [{ path: 'version' }],
    });
    expect(made.validate('plan', 'b.happened', 3, { fullName: 'x', age: 1 })).toMatchObject({ valid: true });
    for (const type of ['toString', 'constructor', '__proto__'])
      expect(made.validate('run', type, 1, {})).toMatchObject({ valid: false });
  });

  it('brings old data up to the current version step by step', () => {
    expect(made.upcast('b.happened', 1, { name: 'x' })).toEqual({
      version: 3,
      data: { fullName: 'x', age: 0 },
    });
    expect(made.upcast('b.happened', 2, { fullName: 'x' })).toEqual({
      version: 3,
      data: { fullName: 'x', age: 0 },
    });
    const data = { fullName: 'x', age: 3 };
    expect(made.upcast('b.happened', 3, data).data).toBe(data);
  });

  it('does not guess: not at a version that is not known, a missing step, or an unknown type', () => {
    for (const version of [4, 0, -1, 1.5, Number.NaN])
      expect(() => made.upcast('b.happened', version, {})).toThrow(RangeError);
    expect(() => upcastData('c.happened', { ...renamed, upcasters: { 1: () => ({}) } }, 1, {})).toThrow(
      'no upcaster from version 2 to 3',
    );
    expect(() => made.upcast('z.happened', 1, {})).toThrow(RangeError);
    expect(() => versionOf('z.happened')).toThrow('No contract declares the event type "z.happened"');
  });

  it('has one contract for a type, wherever it stands', () => {
    expect(() =>
      createEventRegistry({
        run: { 'b.happened': renamed },
        plan: { 'b.happened': contract('Other.', z.null()) },
      }),
    ).toThrow('two contracts');
  });

  it('knows every type of Partitura by a dotted name, and how to read all its versions', () => {
    for (const category of categories) {
      for (const [type, { version, upcasters }] of Object.entries(registry[category])) {
        expect(type).toMatch(/^[a-z]+(\.[a-z]+(_[a-z]+)*)+$/);
        expect(versionOf(type)).toBe(version);
        expect(Object.keys(upcasters ?? {})).toEqual(
          Array.from({ length: version - 1 }, (_, index) => String(index + 1)),
        );
      }
    }
    expect(eventRegistry.validate('project', 'project.archived', 1, {})).toEqual({ valid: true, data: {} });
  });

  it('reads what was known before people could say what they know', () => {
    const provenance = {
      eventId: 'e1',
      position: '7',
      runId: 'r_1',
      taskId: null,
      agentId: null,
      commit: null,
    };
    const recorded = {
      nodeId: 'k_1',
      projectId: 'p_1',
      kind: 'decision',
      memory: 'semantic',
      title: 'One file',
      content: 'One file is enough.',
      tags: [],
      importance: 0.5,
      provenance,
    };
    const { version, data } = eventRegistry.upcast('knowledge.node_added', 1, recorded);
    expect(eventRegistry.validate('knowledge', 'knowledge.node_added', version, data)).toEqual({
      valid: true,
      data: recorded,
    });
  });

  it('reads what was recorded of a project’s configuration before it could say more', () => {
    const recorded = { name: 'Links', budget: null, workflow: 'architect-plan-swarm' };
    const { version, data } = eventRegistry.upcast('project.configured', 1, recorded);
    expect(eventRegistry.validate('project', 'project.configured', version, data)).toEqual({
      valid: true,
      data: recorded,
    });
  });
});
