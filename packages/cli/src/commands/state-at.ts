import { momentOrPosition } from '../input/past-moment.ts';
import type { RegisterCommand } from './command.ts';

export const state: RegisterCommand = (program, start) => {
  program
    .command('state')
    .summary('a run as it stood')
    .description(
      'Shows a run as it stands, or as it stood at a position or a time: tasks, agents, budget, plan, approvals, and what was known.',
    )
    .argument('[run]', 'an id or its beginning (default: the latest run)')
    .option(
      '--at <position-or-time>',
      'a position as history tells it, how long ago (2h), or a time such as 2026-01-31T12:00:00Z',
      momentOrPosition(Date.now),
    )
    .action((run: string | undefined, { at }: { at?: string }) =>
      start(async (context) => (await import('../requests/state-at.ts')).state(run, at, context)),
    );
};
