import { detectSandbox } from '@partitura/agent-runner';

export interface SandboxProbe {
  /** What confines the commands of agents; null when nothing does, and they are refused. */
  readonly name: string | null;
  /** Why there is none. */
  readonly problem: string | null;
  readonly advice: string | null;
}

/** Finds out by using it: a sandbox that is installed is not one that works. Takes at most some seconds. */
export const probeSandbox = async (mode: 'required' | 'off'): Promise<SandboxProbe> => {
  const { sandbox, problem } = await detectSandbox(mode, AbortSignal.timeout(30_000));
  return { name: sandbox?.name ?? null, problem: problem?.message ?? null, advice: problem?.advice ?? null };
};
