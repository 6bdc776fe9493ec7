export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

type Reader = (output: string) => TestCounts | null;

// Built from its code point, so that no control character stands in the source.
const ansi = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, 'g');

const last = (output: string, pattern: RegExp): RegExpMatchArray | null =>
  [...output.matchAll(pattern)].at(-1) ?? null;

const numberIn = (line: string, pattern: RegExp): number => Number(pattern.exec(line)?.[1] ?? 0);

/** `# pass 3` (TAP) or `ℹ pass 3` (spec); the last of several runs in one output is as good as any, so they are added up. */
const nodeTest: Reader = (output) => {
  const passes = [...output.matchAll(/^(?:#|ℹ) pass (\d+)$/gm)];
  const fails = [...output.matchAll(/^(?:#|ℹ) fail (\d+)$/gm)];
  if (passes.length === 0 || fails.length === 0) return null;
  const sum = (matches: readonly RegExpMatchArray[]) =>
    matches.reduce((total, match) => total + Number(match[1]), 0);
  return { passed: sum(passes), failed: sum(fails) };
};

/** `Tests:       1 failed, 5 passed, 6 total` (Jest), `Tests  1 failed | 5 passed (6)` (Vitest) */
const jest: Reader = (output) => {
  const line = last(output, /^\s*Tests:?\s+(.*(?:passed|failed|total).*)$/gm)?.[1];
  if (line === undefined) return null;
  return { passed: numberIn(line, /(\d+) passed/), failed: numberIn(line, /(\d+) failed/) };
};

const mocha: Reader = (output) => {
  const passing = last(output, /^\s*(\d+) passing\b/gm);
  if (passing === null) return null;
  return { passed: Number(passing[1]), failed: Number(last(output, /^\s*(\d+) failing\b/gm)?.[1] ?? 0) };
};

/** `3 failed, 5 passed, 1 error in 0.12s`, with or without a frame of `=` */
const pytest: Reader = (output) => {
  const line = last(output, /^=*\s*((?:\d+ \w+(?:, )?)+) in [\d.]+s.*$/gm)?.[1];
  if (line === undefined || !/passed|failed|error/.test(line)) return null;
  return {
    passed: numberIn(line, /(\d+) passed/),
    failed: numberIn(line, /(\d+) failed/) + numberIn(line, /(\d+) errors?/),
  };
};

/** `Ran 5 tests in 0.001s`, then `OK` or `FAILED (failures=1, errors=1)` */
const unittest: Reader = (output) => {
  const ran = last(output, /^Ran (\d+) tests? in /gm);
  if (ran === null) return null;
  const verdict = last(output, /^FAILED \((.*)\)$/gm)?.[1] ?? '';
  const failed = numberIn(verdict, /failures=(\d+)/) + numberIn(verdict, /errors=(\d+)/);
  return { passed: Math.max(0, Number(ran[1]) - failed), failed };
};

/** Top-level tests of `go test -v`; subtests are indented. */
const go: Reader = (output) => {
  const passed = [...output.matchAll(/^--- PASS: /gm)].length;
  const failed = [...output.matchAll(/^--- FAIL: /gm)].length;
  return passed + failed === 0 ? null : { passed, failed };
};

/** One line per test binary. */
const cargo: Reader = (output) => {
  const results = [...output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed;/gm)];
  if (results.length === 0) return null;
  const sum = (group: number) => results.reduce((total, match) => total + Number(match[group]), 0);
  return { passed: sum(1), failed: sum(2) };
};

const readers: readonly Reader[] = [nodeTest, jest, mocha, cargo, pytest, unittest, go];

/** How many tests passed and failed, where the output is of a runner that is known; whatever command it came through. */
export const readTestCounts = (output: string): TestCounts | null => {
  const plain = output.replaceAll(ansi, '');
  for (const read of readers) {
    const counts = read(plain);
    if (counts !== null) return counts;
  }
  return null;
};
