import { describe, expect, it } from '@jest/globals';
import type { Operation } from '../operation.ts';
import { operations } from '../operations/index.ts';
import { examples } from './index.ts';

const all = Object.entries(operations) as [string, Operation][];
const exampleOf = (name: string) =>
  Reflect.get(examples, name) as
    | { params?: unknown; query?: unknown; body?: unknown; result: unknown }
    | undefined;

describe('every operation', () => {
  it('has an example', () => {
    expect(all.map(([name]) => name).filter((name) => !exampleOf(name))).toEqual([]);
  });

  it.each(all)(
    '%s: its example keeps its schemas',
    (name, { params, query, body, result, takes, answers }) => {
      const example = exampleOf(name);
      if (!example) return;
      expect(params.safeParse(example.params ?? {}).error).toBeUndefined();
      expect(query.safeParse(example.query ?? {}).error).toBeUndefined();
      if (body && !takes) expect(body.safeParse(example.body).error).toBeUndefined();
      if (!answers) expect(result.safeParse(example.result).error).toBeUndefined();
    },
  );
});
