import { analytics } from './analytics.ts';
import { approve } from './approve.ts';
import { audit } from './audit.ts';
import { backtest } from './backtest.ts';
import { bundle } from './bundle.ts';
import { cancel } from './cancel.ts';
import type { RegisterCommand } from './command.ts';
import { comment } from './comment.ts';
import { compare } from './compare.ts';
import { completion } from './completion.ts';
import { config } from './config.ts';
import { deny } from './deny.ts';
import { diff } from './diff.ts';
import { doctor } from './doctor.ts';
import { exportCommand } from './export.ts';
import { fork } from './fork.ts';
import { history } from './history.ts';
import { key } from './key.ts';
import { knowledge } from './knowledge.ts';
import { logs } from './logs.ts';
import { member } from './member.ts';
import { message } from './message.ts';
import { open } from './open.ts';
import { organization } from './organization.ts';
import { pause } from './pause.ts';
import { plan } from './plan.ts';
import { projections } from './projections.ts';
import { ps } from './ps.ts';
import { reject } from './reject.ts';
import { replay } from './replay.ts';
import { resume } from './resume.ts';
import { retry } from './retry.ts';
import { run } from './run.ts';
import { show } from './show.ts';
import { state } from './state-at.ts';
import { subject } from './subject.ts';
import { up } from './up.ts';
import { watch } from './watch.ts';
import { webhook } from './webhook.ts';
import { why } from './why.ts';
import { workflow } from './workflow.ts';

/** In the order in which help lists them. */
export const commands: readonly RegisterCommand[] = [
  run,
  plan,
  up,
  ps,
  show,
  watch,
  logs,
  open,
  pause,
  resume,
  cancel,
  retry,
  fork,
  reject,
  approve,
  deny,
  comment,
  message,
  history,
  state,
  diff,
  why,
  compare,
  backtest,
  replay,
  audit,
  bundle,
  analytics,
  exportCommand,
  knowledge,
  workflow,
  webhook,
  key,
  organization,
  member,
  subject,
  projections,
  config,
  doctor,
  completion,
];
