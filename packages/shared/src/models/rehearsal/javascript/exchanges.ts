import { literal, type Template } from './template.ts';

/** Code that answers requests and tells others. */

const requestLine = /\b(GET|POST|PUT|PATCH|DELETE|HEAD)\s+(\/[^\s`'",;)]*)/;

export const namesEndpoint = (text: string): boolean => requestLine.test(text);

export const endpoint: Template = ({ name, requirement }) => {
  const found = requestLine.exec(requirement.text);
  const method = found?.[1] ?? 'GET';
  const path = (found?.[2] ?? '/').replace(/[.:]+$/, '');
  const status = method === 'POST' ? 201 : 200;
  const concrete = path.replaceAll(/\{[^/}]*\}|:[A-Za-z_]\w*/g, 'x1');
  return {
    code: `export const ${name} = (handle) => (request) => {
  const pattern = ${literal(path)}.split('/');
  const parts = request.path.split('/');
  const isParameter = (part) => /^(?:\\{.*\\}|:.+)$/.test(part);
  const matches = parts.length === pattern.length && pattern.every((part, index) => isParameter(part) || part === parts[index]);
  if (!matches) return { status: 404, body: { detail: 'There is nothing here.' } };
  if (request.method !== ${literal(method)}) return { status: 405, headers: { allow: ${literal(method)} }, body: null };
  const parameters = parts.filter((_, index) => isParameter(pattern[index]));
  const body = handle({ parameters, body: request.body ?? null });
  return body === null ? { status: 404, body: { detail: 'There is no such thing.' } } : { status: ${status}, body };
};`,
    test: `  const answer = ${name}(({ parameters, body }) => (body === 'nothing' ? null : { parameters, body }));
  const found = answer({ method: ${literal(method)}, path: ${literal(concrete)}, body: { note: 'hello' } });
  assert.equal(found.status, ${status});
  assert.deepEqual(found.body.body, { note: 'hello' });
  assert.equal(answer({ method: ${literal(method)}, path: ${literal(`${concrete}/more`)} }).status, 404);
  assert.equal(answer({ method: 'TRACE', path: ${literal(concrete)} }).status, 405);
  assert.equal(answer({ method: ${literal(method)}, path: ${literal(concrete)}, body: 'nothing' }).status, 404);`,
    defect: ['status: 405', 'status: 400'],
  };
};

export const redirect: Template = ({ name, requirement }) => {
  const status = Number(/\b(301|302|303|307|308)\b/.exec(requirement.text)?.[1] ?? 302);
  return {
    code: `export const ${name} = (find) => (path) => {
  const key = decodeURIComponent(path.replace(/^\\/+/, ''));
  const target = key === '' ? null : find(key);
  if (target === null || target === undefined) return { status: 404, headers: {} };
  return { status: ${status}, headers: { location: target, 'cache-control': 'no-store' } };
};`,
    test: `  const follow = ${name}((key) => ({ known: 'https://example.com/' })[key]);
  assert.equal(follow('/known').status, ${status});
  assert.equal(follow('/known').headers.location, 'https://example.com/');
  assert.equal(follow('/unknown').status, 404);
  assert.equal(follow('/').status, 404);`,
    defect: ['headers: { location: target,', 'headers: { location: key,'],
  };
};

export const notify: Template = ({ name }) => ({
  code: `export const ${name} = () => {
  const outbox = new Map();
  return {
    send({ id, to, text }) {
      if (!to || !text) throw new TypeError('A message needs somebody to go to, and a text.');
      if (outbox.has(id)) return false;
      outbox.set(id, { id, to, text, delivered: false });
      return true;
    },
    waiting: () => [...outbox.values()].filter((message) => !message.delivered).map(({ id }) => id),
    delivered: (id) => outbox.set(id, { ...outbox.get(id), delivered: true }),
  };
};`,
  test: `  const box = ${name}();
  assert.equal(box.send({ id: 'm1', to: 'kim', text: 'Hello' }), true);
  assert.equal(box.send({ id: 'm1', to: 'kim', text: 'Hello' }), false);
  assert.equal(box.send({ id: 'm2', to: 'lee', text: 'Hello' }), true);
  assert.deepEqual(box.waiting(), ['m1', 'm2']);
  box.delivered('m1');
  assert.deepEqual(box.waiting(), ['m2']);
  assert.throws(() => box.send({ id: 'm3', to: '', text: 'Hello' }), /somebody/);`,
  defect: ['!message.delivered', 'message.delivered'],
});

export const view: Template = ({ name }) => ({
  code: `export const ${name} = (title, rows) => {
  const escaped = (value) =>
    String(value).replaceAll(/[&<>"']/g, (sign) => \`&#\${sign.codePointAt(0)};\`);
  const items = rows.map((row) => \`<li>\${escaped(row)}</li>\`).join('');
  const list = rows.length === 0 ? '<p>Nothing here yet.</p>' : \`<ul>\${items}</ul>\`;
  return \`<main><h1>\${escaped(title)}</h1>\${list}</main>\`;
};`,
  test: `  assert.equal(${name}('Links', ['one', 'two']), '<main><h1>Links</h1><ul><li>one</li><li>two</li></ul></main>');
  assert.equal(${name}('Links', []), '<main><h1>Links</h1><p>Nothing here yet.</p></main>');
  assert.ok(!${name}('<script>', ['<img src=x>']).includes('<img'));
  assert.ok(!${name}('<script>', []).includes('<script>'));`,
  defect: ['escaped(row)', 'row'],
});
