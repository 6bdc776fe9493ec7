import type { RegisterCommand } from './command.ts';
import { run } from './run.ts';

/** In the order in which help lists them. */
export const commands: readonly RegisterCommand[] = [run];
