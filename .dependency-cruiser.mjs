// The boundaries of ARCHITECTURE.md, "The house", as rules. Run with `npm run boundaries`.

import { pureCore } from './.dependency-cruiser.pure-core.mjs';

const anyWorkspace = '^(packages/[^/]+|services/[^/]+|bench)/';
const shared = '^packages/shared/';
const tests = '\\.test\\.ts$|/testing/';

/** Concepts of `shared` with adapters in them: a decider may know their types, not run their code. */
const effectful =
  '^packages/shared/src/(blobs|event-bus|event-store|http|job-queue|knowledge-index|models|processing|read-models)/';

/** Packages that talk to the world. */
const clients = 'node_modules/(@anthropic-ai|openai|fastify|pino|sqlite-vec|cockatiel)/';

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
      name: 'servers-for-tests-are-for-tests',
      comment: 'What runs is told where its servers are; it starts none.',
      severity: 'error',
      from: { path: anyWorkspace, pathNot: tests },
      to: { path: '^(infra|tests)/' },
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
      name: 'pure-core-runs-no-adapter',
      comment: 'A decider or reducer does no I/O (law 2); what it says about a port, it says in types.',
      severity: 'error',
      from: { path: pureCore, pathNot: '^packages/shared/' },
      to: { path: [effectful, clients], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    // The TypeScript 7 compiler has no API to parse with; SWC reads the same syntax.
    parser: 'swc',
    exclude: { path: '(^|/)(coverage|\\.nx|\\.partitura)/' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'import', 'types'] },
    combinedDependencies: false,
  },
};
