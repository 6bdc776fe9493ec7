import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Ended, newPlace, type Place, tinyPrd } from './testing/cli.ts';

const data = ['--data', 'data'];
let place: Place;

beforeEach(async () => {
  place = await newPlace();
  await place.write('weather.md', tinyPrd);
});
afterEach(() => place.remove());

const documentOf = ({ stdout }: Ended): Record<string, unknown> => JSON.parse(stdout);

describe('Ctrl-C', () => {
  it('once pauses, twice ends at once, and nothing is lost or done again', async () => {
    const first = place.start(['run', 'weather.md', ...data]);
    await first.said(/● T1 /);
    first.interrupt();
    const once = await first.ended;
    expect(once.code).toBe(130);
    expect(once.stderr).toMatch(/go on with: partitura resume r_/);
    expect(documentOf(await place.run(['show', '--json', ...data]))).toMatchObject({
      status: 'paused',
      statusDetail: 'interrupted',
    });

    const second = place.start(['resume', ...data]);
    await second.said(/● T2 /);
    second.interrupt();
    second.interrupt();
    expect((await second.ended).code).toBe(130);

    const last = await place.run(['resume', '--json', ...data]);
    expect(last.code).toBe(0);
    const { run, tasks } = documentOf(last) as { run: string; tasks: { total: number; completed: number } };
    expect(tasks.completed).toBe(tasks.total);
    const { items } = documentOf(await place.run(['history', run, '--json', ...data])) as {
      items: { type: string; data: { taskId?: string; callId?: string } }[];
    };
    const of = (type: string, field: 'taskId' | 'callId') =>
      items.filter((event) => event.type === type).map(({ data: { [field]: id } }) => id);
    const completed = of('task.completed', 'taskId');
    expect(completed).toHaveLength(new Set(completed).size);
    const answered = of('model.answered', 'callId');
    expect(answered).toHaveLength(new Set(answered).size);
  });
});
