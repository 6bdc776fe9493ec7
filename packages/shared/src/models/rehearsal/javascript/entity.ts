import { literal } from './template.ts';

/** A store of one kind of thing, in memory, that refuses what is not that thing. */
export interface EntityCode {
  readonly code: string;
  readonly test: string;
  readonly defect: readonly [from: string, to: string];
}

/** @param factory `createLinkStore`; @param fields names besides `id`, valid as object keys */
export const entityStore = (factory: string, entity: string, fields: readonly string[]): EntityCode => {
  const names = `[${fields.map(literal).join(', ')}]`;
  const sample = (number: number): string =>
    `{ ${fields.map((field) => `${literal(field)}: ${literal(`${field} ${number}`)}`).join(', ')} }`;
  return {
    code: `const fields = ${names};

/** A store of records of the kind ${literal(entity).replaceAll('*/', '* /')}, in memory: what comes in is checked, what comes out cannot be changed. */
export const ${factory} = () => {
  const records = new Map();
  let last = 0;
  return {
    create(values) {
      const unknown = Object.keys(values).filter((field) => !fields.includes(field));
      if (unknown.length > 0) throw new RangeError(\`There is no field \${unknown.join(', ')}.\`);
      const missing = fields.filter((field) => values[field] === undefined || values[field] === '');
      if (missing.length > 0) throw new TypeError(\`Missing: \${missing.join(', ')}.\`);
      last += 1;
      const record = Object.freeze({ id: String(last), ...values });
      records.set(record.id, record);
      return record;
    },
    find: (id) => records.get(id) ?? null,
    list: () => [...records.values()],
    remove: (id) => records.delete(id),
  };
};`,
    test: `  const store = ${factory}();
  const first = store.create(${sample(1)});
  const second = store.create(${sample(2)});
  assert.notEqual(first.id, second.id);
  assert.deepEqual(store.find(first.id), first);
  assert.equal(store.find('none'), null);
  assert.deepEqual(store.list(), [first, second]);
  assert.throws(() => store.create({}), /Missing/);
  assert.throws(() => store.create({ ...${sample(3)}, 'unheard of': 1 }), /no field/);
  assert.equal(store.remove(first.id), true);
  assert.deepEqual(store.list(), [second]);`,
    defect: ['if (missing.length > 0)', 'if (missing.length > fields.length)'],
  };
};
