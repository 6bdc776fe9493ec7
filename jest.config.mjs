/** Every project uses this file: its own folder is the root directory. */
export default {
  testEnvironment: 'node',
  rootDir: process.cwd(),
  testMatch: ['**/src/**/*.test.ts'],
  // They need servers of the system: `npm run test:distributed`.
  // The whole program again and again takes minutes: `npm run test:whole`.
  testPathIgnorePatterns: ['/node_modules/', '\\.distributed\\.test\\.ts$', '\\.whole\\.test\\.ts$'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'esnext',
          parser: { syntax: 'typescript' },
          // `import … with { type: 'json' }` is the language, not an extension of it.
          experimental: { keepImportAttributes: true },
        },
      },
    ],
  },
  // One more than the cores of a small machine: some tests wait, for git, for a sandbox, for a back-off.
  maxWorkers: 3,
  // For what hangs, so it is long: tests of the whole program take 10 s at rest and took 110 s on a machine with load 17, and were
  // told that they hang.
  testTimeout: 240_000,
};
