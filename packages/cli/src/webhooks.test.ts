import { createServer } from 'node:http';
import { afterEach, expect, it } from '@jest/globals';
import { newPlace, type Place } from './testing/cli.ts';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

const newConsumer = async () => {
  const answers = { status: 200 };
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(answers.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  opened.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/`, answers, bodies };
};

const theId = (json: string): string => (JSON.parse(json) as { id: string }).id;

it('adds, lists, tests and removes a webhook, with a server and without', async () => {
  const place: Place = await newPlace();
  opened.push(() => place.remove());
  const { url, answers, bodies } = await newConsumer();
  const allowed = { environment: { PARTITURA_WEBHOOK_ALLOW: '127.0.0.1', PARTITURA_PORT: '0' } };
  const data = ['--data', 'data'];

  const refused = await place.run(['webhook', 'add', url, ...data]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('PARTITURA_WEBHOOK_ALLOW');
  expect((await place.run(['webhook', 'ls', ...data])).stdout).toContain('There are no webhooks');

  const added = await place.run(
    ['webhook', 'add', url, '--type', 'run.*,task.completed', '--json', ...data],
    allowed,
  );
  const id = theId(added.stdout);
  expect(JSON.parse(added.stdout)).toMatchObject({
    types: ['run.*', 'task.completed'],
    secret: expect.stringMatching(/^whsec_/),
  });
  expect((await place.run(['webhook', 'test', id, ...data], allowed)).stdout).toContain('partitura up');
  expect(bodies).toEqual([]);

  const server = place.start(['up', ...data], allowed);
  await server.said(/http:\/\/127\.0\.0\.1:\d+/);
  const tested = await place.run(['webhook', 'test', id, '--json', ...data], allowed);
  expect(JSON.parse(tested.stdout)).toMatchObject({ status: 'delivered', responseStatus: 200 });
  expect(tested.code).toBe(0);
  // The one of before, and this one.
  expect(bodies).toHaveLength(2);
  answers.status = 500;
  const failed = await place.run(['webhook', 'test', id, ...data], allowed);
  expect([failed.code, failed.stdout]).toEqual([1, 'It did not arrive: It answered 500.\n']);

  const listed = await place.run(['webhook', 'ls', ...data], allowed);
  expect(listed.stdout).toContain(id);
  expect((await place.run(['webhook', 'rm', id, ...data], allowed)).stdout).toBe(`${id} is removed.\n`);
  expect((await place.run(['webhook', 'rm', id, ...data], allowed)).code).toBe(1);
  server.interrupt();
  await server.ended;
});
