import type { Template } from './template.ts';

/** Code that keeps, changes, shows and finds things. */

export const collect: Template = ({ name }) => ({
  code: `export const ${name} = (records = new Map()) => ({
  add(record) {
    if (record === null || typeof record !== 'object') throw new TypeError('A record is an object.');
    if (typeof record.id !== 'string' || record.id.trim() === '') throw new TypeError('A record needs an id.');
    if (records.has(record.id)) throw new RangeError(\`There is a record "\${record.id}" already.\`);
    const kept = Object.freeze({ ...record });
    records.set(record.id, kept);
    return kept;
  },
  find: (id) => records.get(id) ?? null,
  list: () => [...records.values()],
});`,
  test: `  const store = ${name}();
  store.add({ id: 'a', title: 'First' });
  store.add({ id: 'b', title: 'Second' });
  assert.equal(store.find('a').title, 'First');
  assert.equal(store.find('z'), null);
  assert.deepEqual(store.list().map(({ id }) => id), ['a', 'b']);
  assert.throws(() => store.add({ id: 'a' }), /already/);
  assert.throws(() => store.add({ id: ' ' }), /needs an id/);
  assert.throws(() => store.add(null), /object/);`,
  defect: ['if (records.has(record.id))', 'if (records.has(record.title))'],
});

export const change: Template = ({ name }) => ({
  code: `export const ${name} = (record, changes, editable = Object.keys(record)) => {
  const refused = Object.keys(changes).filter((field) => !editable.includes(field) || field === 'id');
  if (refused.length > 0) throw new RangeError(\`Cannot be changed: \${refused.join(', ')}.\`);
  return Object.freeze({ ...record, ...changes, revision: (record.revision ?? 0) + 1 });
};`,
  test: `  const before = Object.freeze({ id: 'a', title: 'Old', revision: 1 });
  const after = ${name}(before, { title: 'New' });
  assert.deepEqual(after, { id: 'a', title: 'New', revision: 2 });
  assert.equal(before.title, 'Old');
  assert.throws(() => ${name}(before, { id: 'b' }), /id/);
  assert.throws(() => ${name}(before, { colour: 'red' }), /colour/);
  assert.throws(() => ${name}(before, { title: 'New' }, ['note']), /title/);`,
  defect: ["|| field === 'id'", "|| field === 'key'"],
});

export const remove: Template = ({ name }) => ({
  code: `export const ${name} = (records, id, now) => {
  const at = records.findIndex((record) => record.id === id && record.endedAt === undefined);
  if (at === -1) throw new RangeError(\`There is nothing open with the id "\${id}".\`);
  return records.map((record, index) => (index === at ? { ...record, endedAt: now } : record));
};`,
  test: `  const records = [{ id: 'a' }, { id: 'b' }];
  const after = ${name}(records, 'b', 7);
  assert.deepEqual(after, [{ id: 'a' }, { id: 'b', endedAt: 7 }]);
  assert.deepEqual(records, [{ id: 'a' }, { id: 'b' }]);
  assert.throws(() => ${name}(after, 'b', 8), /nothing open/);
  assert.throws(() => ${name}(records, 'z', 8), /nothing open/);`,
  defect: [' && record.endedAt === undefined', ''],
});

export const page: Template = ({ name }) => ({
  code: `export const ${name} = (items, { limit = 20, after = null } = {}) => {
  if (!Number.isInteger(limit) || limit < 1) throw new RangeError('The limit is a whole number from 1.');
  const start = after === null ? 0 : items.findIndex(({ id }) => id === after) + 1;
  const shown = items.slice(start, start + limit);
  const more = start + limit < items.length;
  return { items: shown, next: more ? shown.at(-1).id : null };
};`,
  test: `  const items = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }));
  const first = ${name}(items, { limit: 2 });
  assert.deepEqual(first, { items: [{ id: 'a' }, { id: 'b' }], next: 'b' });
  const second = ${name}(items, { limit: 2, after: first.next });
  assert.deepEqual(second, { items: [{ id: 'c' }, { id: 'd' }], next: 'd' });
  assert.deepEqual(${name}(items, { limit: 2, after: second.next }), { items: [{ id: 'e' }], next: null });
  assert.deepEqual(${name}([]), { items: [], next: null });
  assert.throws(() => ${name}(items, { limit: 0 }), /from 1/);`,
  defect: ['=== after) + 1', '=== after)'],
});

export const search: Template = ({ name }) => ({
  code: `export const ${name} = (items, query) => {
  const words = query.toLowerCase().split(/\\s+/).filter((word) => word !== '');
  const textOf = (item) => Object.values(item).join(' ').toLowerCase();
  return items.filter((item) => words.every((word) => textOf(item).includes(word)));
};`,
  test: `  const items = [{ id: '1', title: 'Red apple' }, { id: '2', title: 'Green apple' }, { id: '3', title: 'Pear' }];
  assert.deepEqual(${name}(items, 'APPLE').map(({ id }) => id), ['1', '2']);
  assert.deepEqual(${name}(items, 'apple green').map(({ id }) => id), ['2']);
  assert.deepEqual(${name}(items, 'plum'), []);
  assert.equal(${name}(items, '  ').length, 3);`,
  defect: ['words.every(', 'words.some('],
});

export const count: Template = ({ name }) => ({
  code: `export const ${name} = () => {
  const totals = new Map();
  return {
    record(key, amount = 1) {
      if (!Number.isFinite(amount) || amount < 0) throw new RangeError('Only what has happened is counted.');
      totals.set(key, (totals.get(key) ?? 0) + amount);
    },
    total: (key) => totals.get(key) ?? 0,
    top: (most) => [...totals].sort((left, right) => right[1] - left[1]).slice(0, most).map(([key]) => key),
  };
};`,
  test: `  const counter = ${name}();
  counter.record('a');
  counter.record('b', 3);
  counter.record('a');
  assert.equal(counter.total('a'), 2);
  assert.equal(counter.total('b'), 3);
  assert.equal(counter.total('c'), 0);
  assert.deepEqual(counter.top(1), ['b']);
  assert.throws(() => counter.record('a', -1), /happened/);`,
  defect: ['(totals.get(key) ?? 0) + amount', 'amount'],
});

export const write: Template = ({ name }) => ({
  code: `export const ${name} = (rows, columns = Object.keys(rows[0] ?? {})) => {
  const cell = (value) => {
    const text = String(value ?? '');
    return /[",\\r\\n]/.test(text) ? \`"\${text.replaceAll('"', '""')}"\` : text;
  };
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))];
  return lines.map((line) => line.map(cell).join(',')).join('\\n');
};`,
  test: `  assert.equal(${name}([{ id: 1, note: 'plain' }, { id: 2, note: 'a "quoted", one' }]), 'id,note\\n1,plain\\n2,"a ""quoted"", one"');
  assert.equal(${name}([{ id: 1 }], ['id', 'note']), 'id,note\\n1,');
  assert.equal(${name}([], ['id']), 'id');`,
  defect: ["text.replaceAll('\"', '\"\"')", 'text'],
});
