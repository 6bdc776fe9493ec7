/** How files are named and tests are run in the repository at hand. */
export type Conventions =
  | {
      readonly language: 'javascript';
      /** `.js` where packages are modules, `.mjs` in repositories that are not known to be. */
      readonly extension: 'js' | 'mjs';
      /** `test`, or `check` where another test runner would take `*.test.*` for its own. */
      readonly suffix: 'test' | 'check';
      /** Whether the manifest is the scaffold's own. */
      readonly ownManifest: boolean;
    }
  | { readonly language: 'python' };

const pythonSigns =
  /^(?:pyproject\.toml|setup\.(?:py|cfg)|pytest\.ini|tox\.ini|requirements(?:-\w+)?\.txt|Pipfile)$/;
/** Manifests of other languages: their own checks go on as they are, and a package.json would only confuse them. */
const otherManifests =
  /^(?:go\.mod|Cargo\.toml|pom\.xml|build\.gradle(?:\.kts)?|Gemfile|composer\.json|mix\.exs|Makefile|CMakeLists\.txt)$/;

/**
 * From the files that are there; null when package.json has to be read first.
 * @param manifest what package.json says, where it has been read
 */
export const conventionsOf = (files: readonly string[], manifest: string | null): Conventions | null => {
  const has = (path: string): boolean => files.includes(path);
  if (has('src/product.js') && has('test/all.js')) {
    return { language: 'javascript', extension: 'js', suffix: 'test', ownManifest: true };
  }
  for (const suffix of ['test', 'check'] as const) {
    if (has(`test/product.${suffix}.mjs`)) {
      return { language: 'javascript', extension: 'mjs', suffix, ownManifest: false };
    }
  }
  if (has('package.json')) return manifest === null ? null : conventionsOfManifest(manifest);
  if (files.some((file) => pythonSigns.test(file))) return { language: 'python' };
  if (files.some((file) => otherManifests.test(file))) {
    return { language: 'javascript', extension: 'mjs', suffix: 'check', ownManifest: false };
  }
  return { language: 'javascript', extension: 'js', suffix: 'test', ownManifest: true };
};

const conventionsOfManifest = (manifest: string): Conventions => {
  const ours = /"test"\s*:\s*"node test\/all\.js"/.test(manifest);
  if (ours) return { language: 'javascript', extension: 'js', suffix: 'test', ownManifest: true };
  const nodeTests = /"test"\s*:\s*"[^"]*\bnode\b[^"]*--test\b/.test(manifest);
  return {
    language: 'javascript',
    extension: 'mjs',
    suffix: nodeTests ? 'test' : 'check',
    ownManifest: false,
  };
};
