import type { Examples } from './example.ts';
import { accepted, ids, of } from './samples.ts';

export const ciExamples = {
  reportCiResult: {
    params: of(ids.run),
    body: {
      provider: 'github',
      name: 'build',
      status: 'passed',
      branch: `partitura/${ids.run}`,
      commit: 'd'.repeat(40),
      url: 'https://ci.example.com/builds/17',
    },
    result: accepted,
  },
} satisfies Examples;
