import { connect } from 'node:net';

const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Whoever listens there speaks PostgreSQL's protocol: asked for TLS, it says yes or no. */
export const answersPostgres = async (port: number): Promise<void> => {
  const socket = connect(port, '127.0.0.1');
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      socket.setTimeout(1_000, () => reject(new Error('no answer')));
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('hung up')));
      socket.once('data', (data) => resolve(data.toString()));
      socket.write(sslRequest);
    });
    if (!/^[SN]/.test(answer)) throw new Error(`it says ${JSON.stringify(answer)}`);
  } finally {
    socket.destroy();
  }
};
