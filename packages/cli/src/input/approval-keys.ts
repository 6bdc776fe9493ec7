import type { ApiClient } from '@partitura/shared/http';
import type { Context } from '../context.ts';
import { type Line, line, oneLine } from '../screen/line.ts';
import type { RunView } from '../screen/run-view.ts';
import { canAsk } from './can-ask.ts';

export interface ApprovalKeysOptions {
  readonly context: Context;
  readonly view: RunView;
  readonly client: ApiClient;
  readonly print: (lines: readonly Line[]) => void;
}

export interface ApprovalKeys {
  /** To be called when something happened: keys are read only while an approval waits. */
  update(): void;
  close(): void;
}

const controlC = '\u0003';

/** `a` approves what waits longest, `d` denies it, `v` shows what it is about. */
export const approvalKeys = ({ context, view, client, print }: ApprovalKeysOptions): ApprovalKeys => {
  const { stdin } = context;
  let reading = false;
  const say = (text: string): void => print([line(Date.now(), 'plain', text)]);

  const answer = async (key: string): Promise<void> => {
    const [id] = view.approvals.keys();
    if (id === undefined) return;
    const params = { id };
    if (key === 'a') await client.call('grantApproval', { params, body: {} });
    if (key === 'd') await client.call('denyApproval', { params, body: {} });
    if (key === 'v') say(oneLine((await client.call('getApproval', { params })).detail, 1_000));
  };
  const onKey = (data: Buffer): void => {
    const key = data.toString('utf8').toLowerCase();
    // The terminal makes no signal of it while keys are read one by one.
    if (key === controlC) process.kill(process.pid, 'SIGINT');
    else answer(key).catch((error: unknown) => say(error instanceof Error ? error.message : String(error)));
  };
  const read = (wanted: boolean): void => {
    if (reading === wanted) return;
    reading = wanted;
    stdin.setRawMode(wanted);
    if (wanted) {
      stdin.on('data', onKey).resume();
      say('[a]pprove [d]eny [v]iew');
    } else stdin.off('data', onKey).pause();
  };
  return {
    update: () => read(canAsk(context) && view.approvals.size > 0 && view.phase.kind !== 'ended'),
    close: () => read(false),
  };
};
