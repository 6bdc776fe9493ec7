import type { Examples } from './example.ts';
import { accepted, ids, of, positions } from './samples.ts';

export const forkExamples = {
  forkRun: {
    params: of(ids.run),
    body: {
      at: positions.earlier,
      model: 'anthropic/claude-opus-5-5',
      budget: { usd: 5 },
      prompts: { 'eng-backend': 'You write small functions, each with a test.' },
      dropTasks: ['T4'],
    },
    result: accepted,
  },
} satisfies Examples;
