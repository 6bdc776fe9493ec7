import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newPlace, type Place, tinyPrd } from './testing/cli.ts';

const data = ['--data', 'data'];
let place: Place;

beforeEach(async () => {
  place = await newPlace();
});
afterEach(() => place.remove());

describe('partitura organization and member', () => {
  it('make an organisation and its members, and whoever owns the installation acts for it by flag or variable', async () => {
    const server = place.start(['up', '--port', '0', ...data]);
    await server.said('sandbox');
    const made = await place.run(['organization', 'add', 'Acme', '--id', 'acme', ...data]);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('acme is there') });
    const added = await place.run(['member', 'add', 'acme', 'ada@example.com', '--role', 'owner', ...data]);
    expect(added).toMatchObject({ code: 0, stdout: 'ada@example.com is owner of acme.\n' });
    const members = await place.run(['member', 'ls', 'acme', '--json', ...data]);
    expect(JSON.parse(members.stdout)).toMatchObject({ items: [{ id: 'ada@example.com', role: 'owner' }] });
    expect((await place.run(['organization', 'ls', ...data])).stdout).toMatch(/acme +Acme +1 +0/);
    expect((await place.run(['organization', 'show', 'acme', ...data])).stdout).toMatch(/name +Acme/);
    expect(await place.run(['member', 'rm', 'acme', 'ada@example.com', ...data])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error[LAST_OWNER]'),
    });

    await place.write('PRD.md', tinyPrd);
    const planned = await place.run(['plan', 'PRD.md', '--json', '--organization', 'acme', ...data]);
    expect(planned.code).toBe(0);
    const runs = async (...args: readonly string[]) =>
      JSON.parse((await place.run(['ps', '--json', ...args, ...data])).stdout).items.length;
    const environment = { PARTITURA_ORGANIZATION: 'default' };
    const elsewhere = await place.run(['ps', '--json', ...data], { environment });
    expect([await runs('--organization', 'acme'), JSON.parse(elsewhere.stdout).items.length]).toEqual([1, 0]);
    const mistyped = await place.run(['ps', '--organization', 'Acme!', ...data]);
    expect(mistyped.stderr).toContain('error[BAD_ORGANIZATION]');
    server.interrupt();
    expect((await server.ended).code).toBe(0);
  });
});

describe('partitura reject and knowledge', () => {
  it.each([
    [['reject', 'T1'], 2, /--reason/],
    [['knowledge', 'retract', 'k_1'], 2, /--reason/],
    [['knowledge', 'retract', 'k_1', '--reason', 'Not so.'], 1, /KNOWLEDGE_NOT_FOUND/],
  ])('%j says what is missing', async (args, code, message) => {
    const ended = await place.run([...args, ...data]);
    expect(ended).toMatchObject({ code, stderr: expect.stringMatching(message) });
  });
});
