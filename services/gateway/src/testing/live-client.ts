type Said = Readonly<Record<string, unknown>>;

/** A WebSocket of a test: what is said to it, one after the other. */
export interface LiveClient {
  readonly socket: WebSocket;
  say(message: object | string): void;
  /** @throws {Error} when it is closed before anything more is said */
  next(): Promise<Said>;
  /** The next of this type; what comes before it is passed over. */
  until(type: string): Promise<Said>;
  closed(): Promise<CloseEvent>;
  close(): void;
}

export const openLiveClient = (url: string, protocols: readonly string[] = []): LiveClient => {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), [...protocols]);
  const said: Said[] = [];
  let end: CloseEvent | null = null;
  let changed = Promise.withResolvers<void>();
  const wake = (): void => {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };
  socket.addEventListener('message', ({ data }) => {
    said.push(JSON.parse(String(data)));
    wake();
  });
  socket.addEventListener('close', (event) => {
    end = event;
    wake();
  });

  const closed = async (): Promise<CloseEvent> => {
    while (!end) await changed.promise;
    return end;
  };
  const next = async (): Promise<Said> => {
    while (said.length === 0 && !end) await changed.promise;
    const message = said.shift();
    if (message) return message;
    const { code, reason } = await closed();
    throw new Error(`It was closed: ${code} ${reason}`);
  };
  const until = async (type: string): Promise<Said> => {
    let message = await next();
    while (message.type !== type) message = await next();
    return message;
  };
  return {
    socket,
    next,
    until,
    closed,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    close: () => socket.close(),
  };
};
