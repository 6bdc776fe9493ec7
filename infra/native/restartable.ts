import type { NativeServer } from './program.ts';

/** A server that can be taken away and brought back, with the same URL and the same data. */
export interface RestartableServer extends NativeServer {
  isRunning(): boolean;
  /** It stands still where it is (SIGSTOP): connections stay open, and nobody answers. */
  pause(): void;
  /** After `pause`, it goes on as if nothing had been. */
  resume(): void;
  /** SIGKILL, and it is gone when this resolves. */
  kill(): Promise<void>;
  /** After `kill` or `stop`: the same server again. Does nothing while it runs. */
  start(): Promise<void>;
}

/**
 * Makes a server restartable.
 * @param launch starts it; the same directory, credentials and port have to give the same URL again
 * @param port the first time; default: any that is free
 */
export const restartable = async (
  launch: (port: number | undefined) => Promise<NativeServer>,
  port?: number,
): Promise<RestartableServer> => {
  let current = await launch(port);
  let running = true;
  let paused = false;
  const { url } = current;
  const fixedPort = portOf(url);

  const send = (signal: 'SIGSTOP' | 'SIGCONT'): void => {
    if (running) process.kill(current.processId, signal);
    paused = running && signal === 'SIGSTOP';
  };

  const stop = async (signal?: NodeJS.Signals): Promise<void> => {
    // It could not listen to any other signal than SIGKILL.
    if (paused && signal !== 'SIGKILL') send('SIGCONT');
    running = false;
    paused = false;
    await current.stop(signal);
  };

  return {
    url,
    get processId() {
      return current.processId;
    },
    isRunning: () => running,
    pause: () => send('SIGSTOP'),
    resume: () => send('SIGCONT'),
    stop,
    kill: () => stop('SIGKILL'),
    start: async () => {
      if (running) return;
      current = await launch(fixedPort);
      running = true;
      if (current.url !== url)
        throw new Error(`A server came back with another address than ${hidden(url)}.`);
    },
  };
};

/** The port of the first host that a URL names. */
export const portOf = (url: string): number => {
  const port = /:(\d+)(?:[/?,]|$)/.exec(url.replace(/^[^/]*\/\/(?:[^/]*@)?/, '//'))?.[1];
  if (port === undefined) throw new Error(`There is no port in ${hidden(url)}.`);
  return Number(port);
};

const hidden = (url: string): string => url.replace(/\/\/[^/]*@/, '//');
