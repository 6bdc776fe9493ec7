import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { asPosition } from '@partitura/shared/events';
import { toCloudEvent } from '@partitura/shared/http';
import { answerParent } from '../child.ts';
import { usageAtRest } from '../usage.ts';
import { eventOf, streamOf } from './event.ts';
import { load } from './load.ts';

/** A bare server that writes each event's text, made once, to everybody: no log, no rights, no filters, no slow clients. */
const listeners = new Set<ServerResponse>();
const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.write('retry: 1000\n\nevent: open\ndata: {}\n\n');
  listeners.add(response);
  request.on('close', () => listeners.delete(response));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' ? address?.port : 0;

const textOf = (dueAt: number, index: number): string => {
  const position = asPosition(String(index).padStart(16, '0'));
  const recorded = { stream: streamOf(index), revision: index, position, hash: 'a'.repeat(64) };
  const event = toCloudEvent({ ...eventOf(dueAt, index), ...recorded });
  return `id: ${position}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`;
};

answerParent({
  url: () => `http://127.0.0.1:${port}/events`,
  usage: usageAtRest,
  load: (seconds: number) =>
    load(seconds, (dueAt, index) => {
      const text = textOf(dueAt, index);
      for (const listener of listeners) listener.write(text);
    }),
  stop: () => {
    server.closeAllConnections();
    server.close();
  },
});
