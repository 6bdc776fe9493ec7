// The boundaries of ARCHITECTURE.md, "The house", as rules. Run with `npm run boundaries`.

const anyWorkspace = '^(packages/[^/]+|services/[^/]+|bench)/';
const shared = '^packages/shared/';
const tests = '\\.test\\.ts$|/testing/';

/** Modules that reach the world outside the process. node:crypto is not one: hashing is a pure function. */
const world =
  '^(node:)?(child_process|cluster|dgram|dns|fs|http|http2|https|inspector|net|os|process|readline|sqlite|tls|worker_threads)(/|$)';

/** Files that decide or fold: a command and a state in, events or a state out. */
const pureCore = '(^|/)(decider|reducer|evolve|state)\\.ts$';

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two modules that need each other are one module.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'What is imported must exist, and be exported where it comes from another workspace.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-packages',
      comment:
        "An npm package is declared in the workspace's own package.json (tests may use the root's tools).",
      severity: 'error',
      from: { path: anyWorkspace, pathNot: tests },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    {
      name: 'service-imports-shared-and-itself',
      comment: 'Services meet through events and jobs, never through each other’s code.',
      severity: 'error',
      from: { path: '^services/(?!standalone/)([^/]+)/' },
      to: { path: anyWorkspace, pathNot: [shared, '^services/$1/'] },
    },
    {
      name: 'shared-imports-no-one',
      comment: 'What every service stands on stands on none of them.',
      severity: 'error',
      from: { path: shared },
      to: { path: anyWorkspace, pathNot: shared },
    },
    {
      name: 'standalone-composes-services',
      comment: 'The embedded host takes each service by its public entry.',
      severity: 'error',
      from: { path: '^services/standalone/' },
      to: {
        path: anyWorkspace,
        pathNot: [shared, '^services/standalone/', '^services/[^/]+/src/service\\.ts$'],
      },
    },
    {
      name: 'cli-imports-shared-and-standalone',
      comment: 'The command talks to a server or embeds one; it knows no service.',
      severity: 'error',
      from: { path: '^packages/cli/' },
      to: {
        path: anyWorkspace,
        pathNot: [shared, '^packages/cli/', '^services/standalone/src/service\\.ts$'],
      },
    },
    {
      name: 'no-one-imports-bench',
      severity: 'error',
      from: { pathNot: '^bench/' },
      to: { path: '^bench/' },
    },
    {
      name: 'no-relative-way-out',
      comment: 'Another workspace is imported by its name (`@partitura/…`), so that its `exports` apply.',
      severity: 'error',
      from: { path: '^((?:packages|services)/[^/]+|bench)/' },
      to: { path: anyWorkspace, pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'testing-is-for-tests',
      comment: 'Contract suites and fakes are not part of what runs.',
      severity: 'error',
      from: { path: anyWorkspace, pathNot: `${tests}|^bench/` },
      to: { path: '/testing/' },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: {},
      to: { path: '\\.test\\.ts$' },
    },
    {
      name: 'pure-core-uses-no-node',
      comment: 'Time, ids and randomness come in as data (law 2).',
      severity: 'error',
      from: { path: pureCore },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-core-reaches-no-world',
      comment: 'A decider or reducer does no I/O, not even through what it imports (law 2).',
      severity: 'error',
      from: { path: pureCore },
      to: { path: world, reachable: true },
    },
  ],
  options: {
    // The TypeScript 7 compiler has no API to parse with; SWC reads the same syntax.
    parser: 'swc',
    tsPreCompilationDeps: true,
    exclude: { path: '(^|/)(coverage|\\.nx|\\.partitura)/' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'import', 'types'] },
    combinedDependencies: false,
  },
};
