import { literal, type Template } from './template.ts';

/** Code that decides: what is allowed, when, how often, and what happens then. */

export const validate: Template = ({ name, requirement }) => {
  const wantsAddress = /\burls?\b|\blinks?\b|https?/i.test(requirement.text);
  const wantsMail = !wantsAddress && /e-?mail/i.test(requirement.text);
  if (wantsAddress) {
    return {
      code: `export const ${name} = (value) => {
  const address = URL.canParse(value) ? new URL(value) : null;
  if (address === null) return { valid: false, reason: 'It is no URL.' };
  if (!['http:', 'https:'].includes(address.protocol)) return { valid: false, reason: 'Only http and https are accepted.' };
  return { valid: true, value: address.href };
};`,
      test: `  assert.deepEqual(${name}('https://example.com/a'), { valid: true, value: 'https://example.com/a' });
  assert.equal(${name}('http://example.com').valid, true);
  assert.match(${name}('ftp://example.com').reason, /Only http/);
  assert.match(${name}('javascript:alert(1)').reason, /Only http/);
  assert.match(${name}('nonsense').reason, /no URL/);`,
      defect: ["['http:', 'https:'].includes(address.protocol)", "address.protocol.endsWith(':')"],
    };
  }
  const pattern = wantsMail ? '/^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$/' : '/\\S/';
  return {
    code: `export const ${name} = (value, longest = 2000) => {
  if (typeof value !== 'string' || !${pattern}.test(value)) return { valid: false, reason: 'It is missing or malformed.' };
  if (value.length > longest) return { valid: false, reason: \`It is longer than \${longest} characters.\` };
  return { valid: true, value: value.trim() };
};`,
    test: `  assert.deepEqual(${name}(' kim@example.com'.trim()), { valid: true, value: 'kim@example.com' });
  assert.equal(${name}('').valid, false);
  assert.equal(${name}(undefined).valid, false);
  assert.equal(${name}('kim@example.com', 15).valid, true);
  assert.match(${name}('kim@example.com', 14).reason, /longer than 14/);`,
    defect: ['value.length > longest', 'value.length < longest'],
  };
};

export const permit: Template = ({ name }) => ({
  code: `export const ${name} = (grants) => (who, action) => {
  const allowed = grants[who?.role] ?? [];
  if (!who?.authenticated) return { allowed: false, status: 401 };
  return allowed.includes(action) ? { allowed: true, status: 200 } : { allowed: false, status: 403 };
};`,
  test: `  const may = ${name}({ owner: ['read', 'write'], viewer: ['read'] });
  assert.equal(may({ role: 'owner', authenticated: true }, 'write').allowed, true);
  assert.deepEqual(may({ role: 'viewer', authenticated: true }, 'write'), { allowed: false, status: 403 });
  assert.deepEqual(may({ role: 'owner', authenticated: false }, 'read'), { allowed: false, status: 401 });
  assert.deepEqual(may(null, 'read'), { allowed: false, status: 401 });
  assert.equal(may({ role: 'stranger', authenticated: true }, 'read').status, 403);`,
  defect: ['if (!who?.authenticated)', 'if (!who)'],
});

/** `100 per minute`: the first number, as far as it is a sensible limit. */
const limitIn = (text: string): number => {
  const number = Number(/\b(\d{1,6})\b/.exec(text.replaceAll(/(?<=\d)[,.](?=\d{3}\b)/g, ''))?.[1] ?? 10);
  return number >= 1 ? number : 10;
};

const windows: readonly (readonly [RegExp, number])[] = [
  [/second/i, 1_000],
  [/hour/i, 3_600_000],
  [/day|daily/i, 86_400_000],
];

export const limit: Template = ({ name, requirement }) => {
  const windowMs = windows.find(([unit]) => unit.test(requirement.text))?.[1] ?? 60_000;
  return {
    code: `export const ${name} = ({ most = ${limitIn(requirement.text)}, windowMs = ${windowMs} } = {}) => {
  const seen = new Map();
  return (who, now) => {
    const recent = (seen.get(who) ?? []).filter((time) => now - time < windowMs);
    if (recent.length >= most) return { allowed: false, retryAfterMs: recent[0] + windowMs - now };
    seen.set(who, [...recent, now]);
    return { allowed: true, retryAfterMs: 0 };
  };
};`,
    test: `  const ask = ${name}({ most: 2, windowMs: 1000 });
  assert.equal(ask('a', 0).allowed, true);
  assert.equal(ask('a', 400).allowed, true);
  assert.deepEqual(ask('a', 900), { allowed: false, retryAfterMs: 100 });
  assert.equal(ask('b', 900).allowed, true);
  assert.equal(ask('a', 1000).allowed, true);`,
    defect: ['recent.length >= most', 'recent.length > most'],
  };
};

const days = (text: string): number => {
  const found = /\b(\d{1,4})[- ]?(second|minute|hour|day|week|month|year)/i.exec(text);
  const units: Readonly<Record<string, number>> = {
    second: 1_000,
    minute: 60_000,
    hour: 3_600_000,
    day: 86_400_000,
    week: 604_800_000,
    month: 2_592_000_000,
    year: 31_536_000_000,
  };
  return Math.max(1, Number(found?.[1] ?? 1)) * (units[found?.[2]?.toLowerCase() ?? 'day'] ?? 86_400_000);
};

export const expire: Template = ({ name, requirement }) => ({
  code: `export const ${name} = (since, now, lifetimeMs = ${days(requirement.text)}) => {
  if (now < since) throw new RangeError('What begins later cannot have ended.');
  const leftMs = Math.max(0, since + lifetimeMs - now);
  return { expired: leftMs === 0, leftMs };
};`,
  test: `  assert.deepEqual(${name}(1000, 1000, 500), { expired: false, leftMs: 500 });
  assert.deepEqual(${name}(1000, 1499, 500), { expired: false, leftMs: 1 });
  assert.deepEqual(${name}(1000, 1500, 500), { expired: true, leftMs: 0 });
  assert.equal(${name}(0, ${days(requirement.text)}).expired, true);
  assert.throws(() => ${name}(2, 1), /later/);`,
  defect: ['expired: leftMs === 0', 'expired: leftMs < 0'],
});

export const state: Template = ({ name }) => ({
  code: `export const ${name} = (status, action) => {
  const moves = {
    open: { start: 'running', cancel: 'cancelled' },
    running: { pause: 'paused', complete: 'completed', cancel: 'cancelled' },
    paused: { resume: 'running', cancel: 'cancelled' },
  };
  const next = moves[status]?.[action];
  if (next === undefined) throw new RangeError(\`Cannot \${action} what is \${status}.\`);
  return next;
};`,
  test: `  assert.equal(${name}('open', 'start'), 'running');
  assert.equal(${name}('running', 'pause'), 'paused');
  assert.equal(${name}('paused', 'resume'), 'running');
  assert.equal(${name}('running', 'complete'), 'completed');
  assert.throws(() => ${name}('completed', 'start'), /Cannot start/);
  assert.throws(() => ${name}('open', 'pause'), /Cannot pause/);`,
  defect: ["{ pause: 'paused', complete", "{ pause: 'open', complete"],
});

const alphabet = '23456789abcdefghjkmnpqrstuvwxyz';

export const code: Template = ({ name, requirement }) => {
  const length = Number(/\b(\d{1,2})[- ](?:char|letter|digit|symbol)/i.exec(requirement.text)?.[1] ?? 7);
  return {
    code: `export const ${name} = (random, taken = () => false, length = ${Math.max(1, length)}) => {
  const alphabet = '${alphabet}';
  for (let tries = 0; tries < 100; tries += 1) {
    const found = Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
    if (!taken(found)) return found;
  }
  throw new RangeError('No free code was found in 100 tries.');
};`,
    test: `  const codes = new Set();
  let turn = 0;
  const random = () => (turn = (turn * 16807 + 11) % 2147483647) / 2147483647;
  for (let index = 0; index < 50; index += 1) codes.add(${name}(random, (one) => codes.has(one), 4));
  assert.equal(codes.size, 50);
  assert.ok([...codes].every((one) => /^[2-9a-z]{4}$/.test(one)));
  assert.equal(${name}(() => 0, () => false).length, ${Math.max(1, length)});
  assert.throws(() => ${name}(() => 0, () => true), /No free code/);`,
    defect: ['if (!taken(found))', 'if (taken(found))'],
  };
};

/** `under 200 ms`, `99.9%`, `1000+ users`, `<30s`. */
const threshold =
  /(<=?|>=?|under|below|less than|within|at most|up to|no more than|over|above|at least|more than|minimum)?\s*(\d+(?:[.,]\d+)*)\s*(%|ms|milliseconds?|s\b|sec(?:onds?)?|min(?:utes?)?|hours?|days?|[KMG]i?B|users?|requests?|\w*)?(\+)?/i;

export const hasThreshold = (text: string): boolean => /\d/.test(text) && threshold.test(text);

export const measure: Template = ({ name, requirement }) => {
  const found = threshold.exec(requirement.text.replaceAll(/\b[A-Z]+-?\d+(?:\.\d+)*\b(?!%)|p\d\d\b/g, ''));
  const value = Number((found?.[2] ?? '1').replaceAll(/,(?=\d{3}\b)/g, '').replaceAll(',', '.'));
  const unit = found?.[3] ?? '';
  const bound = Number.isFinite(value) ? value : 1;
  const atLeast =
    /^(?:>|over|above|at least|more|min)/i.test(found?.[1] ?? '') ||
    found?.[4] === '+' ||
    (found?.[1] === undefined && /%|users?|requests?/i.test(unit));
  const sign = atLeast ? '>=' : '<=';
  return {
    code: `export const ${name} = (measured) => {
  const target = { value: ${bound}, unit: ${literal(unit)} };
  if (!Number.isFinite(measured)) throw new TypeError('Nothing was measured.');
  return { met: measured ${sign} target.value, measured, target };
};`,
    test: `  assert.equal(${name}(${bound}).met, true);
  assert.equal(${name}(${atLeast ? bound * 2 + 1 : 0}).met, ${atLeast || bound >= 0});
  assert.equal(${name}(${atLeast ? -1 : bound * 2 + 1}).met, false);
  assert.equal(${name}(1).target.value, ${bound});
  assert.throws(() => ${name}(Number.NaN), /measured/);`,
    defect: [`measured ${sign} target.value`, `measured ${atLeast ? '<' : '>'} target.value`],
  };
};

export const rule: Template = ({ name }) => ({
  code: `export const ${name} = (steps = []) => {
  const done = new Set();
  return {
    complete(step) {
      if (!steps.includes(step)) throw new RangeError(\`"\${step}" is no part of this.\`);
      done.add(step);
      return this;
    },
    missing: () => steps.filter((step) => !done.has(step)),
    satisfied: () => steps.length > 0 && steps.every((step) => done.has(step)),
  };
};`,
  test: `  const kept = ${name}(['asked', 'answered']);
  assert.equal(kept.satisfied(), false);
  kept.complete('asked');
  assert.deepEqual(kept.missing(), ['answered']);
  kept.complete('answered');
  assert.equal(kept.satisfied(), true);
  assert.throws(() => kept.complete('other'), /no part/);
  assert.equal(${name}().satisfied(), false);`,
  defect: ['steps.length > 0 && ', ''],
});
