import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { environment } from '../child-process.ts';

/** A process that answers questions one after the other, and goes when it is told. */
export interface Child {
  /** @throws {Error} when it is gone */
  ask<Answer>(question: string, ...given: readonly unknown[]): Promise<Answer>;
  stop(): Promise<void>;
}

export const startChild = (script: string, parameters: readonly string[]): Child => {
  const execArgv = ['--disable-warning=ExperimentalWarning', '--expose-gc'];
  const child = fork(script, [...parameters], { env: environment, execArgv });
  const exited = once(child, 'exit');
  return {
    ask: async <Answer>(question: string, ...given: readonly unknown[]) => {
      child.send({ question, given });
      return (await answerOf(child, exited, script)) as Answer;
    },
    stop: async () => {
      if (child.connected) child.send({ question: 'stop', given: [] });
      await exited;
    },
  };
};

const answerOf = async (child: ChildProcess, exited: Promise<unknown>, script: string): Promise<unknown> => {
  const done = new AbortController();
  const gone = exited.then(() => Promise.reject(new Error(`${script} is gone.`)));
  const answered = once(child, 'message', { signal: done.signal });
  const [answer] = (await Promise.race([answered, gone])) as unknown[];
  done.abort();
  return answer;
};

type Answer = (...given: never[]) => unknown;

/** The other side of it. `stop` is answered by doing it and going. */
export const answerParent = (answers: Readonly<Record<string, Answer>>): void => {
  process.on('message', ({ question, given }: { question: string; given: never[] }) => {
    void (async () => {
      const answerTo = answers[question];
      if (!answerTo) throw new Error(`Nobody here answers ${question}.`);
      const answer = await answerTo(...given);
      if (question === 'stop') process.disconnect?.();
      else if (process.send) process.send(answer ?? null);
    })();
  });
};
