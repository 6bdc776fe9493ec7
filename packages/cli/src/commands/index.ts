import { approve } from './approve.ts';
import { cancel } from './cancel.ts';
import type { RegisterCommand } from './command.ts';
import { comment } from './comment.ts';
import { deny } from './deny.ts';
import { pause } from './pause.ts';
import { plan } from './plan.ts';
import { ps } from './ps.ts';
import { resume } from './resume.ts';
import { retry } from './retry.ts';
import { run } from './run.ts';
import { show } from './show.ts';
import { up } from './up.ts';
import { watch } from './watch.ts';

/** In the order in which help lists them. */
export const commands: readonly RegisterCommand[] = [
  run,
  plan,
  up,
  ps,
  show,
  watch,
  pause,
  resume,
  cancel,
  retry,
  approve,
  deny,
  comment,
];
