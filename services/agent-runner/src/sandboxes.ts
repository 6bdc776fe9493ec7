import type { Logger } from '@partitura/shared/runtime';
import { type DetectedSandbox, detectSandbox, type Sandbox } from './sandbox/index.ts';

/** Found out once per mode, by trying: what confines commands for a run. The stricter of operator and run counts. */
export const sandboxes = (allowed: 'required' | 'off', logger: Logger) => {
  const detected = new Map<'required' | 'off', Promise<DetectedSandbox>>();
  const detect = (mode: 'required' | 'off'): Promise<DetectedSandbox> => {
    const known = detected.get(mode) ?? detectSandbox(mode, new AbortController().signal);
    detected.set(mode, known);
    return known;
  };
  return async (wanted: 'required' | 'off'): Promise<Sandbox | null> => {
    const mode = allowed === 'off' ? wanted : 'required';
    const { sandbox, problem } = await detect(mode);
    if (problem !== null) logger.warn({ error: problem }, 'Commands are refused: there is no sandbox.');
    return sandbox;
  };
};
