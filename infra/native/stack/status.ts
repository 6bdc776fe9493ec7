import { memoryOf } from '../process-identity.ts';
import { takesConnections } from '../program.ts';
import { type EngineName, engineNames, engines } from './engines.ts';
import { existingStackDirectory, type StackDirectory } from './stack-directory.ts';
import { withoutCredentials } from './up.ts';

export interface StatusOptions {
  readonly directory: string;
  readonly say: (line: string) => void;
}

/** Says what runs. True when all that was ever started here does, and answers. */
export const status = async ({ directory, say }: StatusOptions): Promise<boolean> => {
  const stack = existingStackDirectory(directory);
  if (!stack) {
    say(`There is no stack in ${directory}.`);
    return false;
  }
  const states = await Promise.all(engineNames.map((name) => stateOf(stack, name)));
  for (const [index, name] of engineNames.entries())
    say(`${engines[name].title.padEnd(12)} ${states[index]?.text ?? ''}`);
  return states.every(({ fine }) => fine);
};

const stateOf = async (stack: StackDirectory, name: EngineName): Promise<{ fine: boolean; text: string }> => {
  const recorded = stack.recorded(name);
  const running = stack.runningProcess(name);
  const where = stack.engineDirectory(name);
  if (!running)
    return recorded
      ? { fine: false, text: `does not run; its data: ${where}` }
      : { fine: true, text: 'was never started here' };
  const answers =
    recorded !== null &&
    (await takesConnections(recorded.port).then(
      () => true,
      () => false,
    ));
  const megabytes = Math.round((memoryOf(running) ?? 0) / 1_048_576);
  const facts = [
    answers ? 'runs' : 'runs, and does not answer',
    `process ${running.processId}`,
    `${megabytes} MB`,
    recorded ? withoutCredentials(recorded.url) : 'not ready yet',
    where,
  ];
  return { fine: answers, text: facts.join(' · ') };
};
