import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { answerParent } from '../child.ts';
import { usage } from '../usage.ts';

/** `raw.ts DIRECTORY`: a bare server with one statement, and the whole answers in SQLite. */
const [directory = ''] = process.argv.slice(2);
const database = new DatabaseSync(join(directory, 'answers.db'), { readOnly: true });
const select = database.prepare('SELECT body FROM answers WHERE path = ?');
const server = createServer((request, response) => {
  const body = Buffer.from(String(select.get(request.url ?? '')?.body));
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': body.byteLength };
  response.writeHead(200, headers).end(body);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const port = typeof address === 'object' ? address?.port : 0;

answerParent({
  url: () => `http://127.0.0.1:${port}`,
  usage,
  stop: () => {
    server.closeAllConnections();
    server.close();
    database.close();
  },
});
