import { connect } from 'node:net';

/** Where FerretDB itself listens, in the directory it runs in. Named from there: the path of a socket has 107 bytes at most. */
export const socketFile = 'ferretdb.sock';

/** Whether a server takes connections there. */
export const isListening = (path: string): Promise<boolean> => {
  const socket = connect(path);
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  }).finally(() => socket.destroy());
};
