// Law 2, through any number of imports: within its own workspace a decider or reducer reaches nothing that
// touches the world. (Run apart from the other rules because here `shared`, which holds adapters, is left out.)

/** Files that decide or fold: a command and a state in, events or a state out. */
export const pureCore = '(^|[/-])(decider|reducer|evolve|state)\\.ts$';

/** Hashing is a pure function, so node:crypto is not among them. */
const world =
  '^(node:)?(child_process|cluster|dgram|dns|fs|http|http2|https|inspector|net|os|process|readline|sqlite|timers|tls|worker_threads)(/|$)';

export default {
  forbidden: [
    {
      name: 'pure-core-reaches-no-world',
      comment: 'A decider or reducer does no I/O, not even through what it imports.',
      severity: 'error',
      from: { path: pureCore },
      to: { path: world, reachable: true },
    },
  ],
  options: {
    parser: 'swc',
    exclude: { path: ['^packages/shared/', '\\.test\\.ts$'] },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'import', 'types'] },
  },
};
