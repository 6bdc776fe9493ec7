import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const program = fileURLToPath(new URL('ready.ts', import.meta.url));

const ask = async (port: number): Promise<{ code: number | null; said: string }> => {
  const child = spawn(process.execPath, [program], {
    env: { PARTITURA_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said, [code]] = await Promise.all([
    text(child.stdout),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, said };
};

const served = async (status: number) => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/health/ready' ? status : 404).end('{"status":"so"}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const answer = await ask((server.address() as AddressInfo).port);
  const closed = once(server, 'close');
  server.close();
  await closed;
  return answer;
};

describe('the health check of the image', () => {
  it('is well when the service is ready', async () => {
    expect(await served(200)).toEqual({ code: 0, said: '200 {"status":"so"}\n' });
  });

  it('is not while the service is not, and shows what it said', async () => {
    expect(await served(503)).toEqual({ code: 1, said: '503 {"status":"so"}\n' });
  });

  it('is not when nobody answers', async () => {
    const { code, said } = await ask(1);
    expect(code).toBe(1);
    expect(said).toContain('http://127.0.0.1:1/health/ready does not answer');
  });
});
