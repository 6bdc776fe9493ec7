/** What a client wants done in one go. */
export interface Batch {
  readonly bytes: Uint8Array;
  /** Ends with a Sync or is a simple query: the server answers that it is ready for the next. */
  readonly isOver: boolean;
}

export interface Received {
  readonly batches: readonly Batch[];
  /** To be sent at once. */
  readonly answer: Buffer | null;
  /** The client has taken its leave. */
  readonly isGone: boolean;
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html */
const encryptionRequests: ReadonlySet<number> = new Set([80_877_103, 80_877_104]);
const cancelRequest = 80_877_102;
const endsBatch = new Set(['Q', 'S', 'F']);
/** Wants what there is so far, and goes on. */
const flush = 'H';
const terminate = 'X';

/** Cuts what a client sends into whole batches, however the network cuts it. */
export const batchReader = (): { read(chunk: Uint8Array): Received } => {
  let pending = Buffer.alloc(0);
  let hasStarted = false;

  /** The first message has no type. */
  const takeStart = (): { message: Buffer; code: number } | null => {
    if (pending.length < 8) return null;
    const length = pending.readInt32BE(0);
    if (pending.length < length) return null;
    const message = pending.subarray(0, length);
    pending = pending.subarray(length);
    return { message, code: message.readInt32BE(4) };
  };

  const start = (): Received => {
    const taken = takeStart();
    if (taken === null) return { batches: [], answer: null, isGone: false };
    if (encryptionRequests.has(taken.code)) return { batches: [], answer: Buffer.from('N'), isGone: false };
    if (taken.code === cancelRequest) return { batches: [], answer: null, isGone: true };
    hasStarted = true;
    return { batches: [{ bytes: taken.message, isOver: true }], answer: null, isGone: false };
  };

  const messages = (): Received => {
    const batches: Batch[] = [];
    let from = 0;
    for (let at = 0; at + 5 <= pending.length; ) {
      const type = String.fromCharCode(pending.readUInt8(at));
      if (type === terminate) return { batches, answer: null, isGone: true };
      at += 1 + pending.readInt32BE(at + 1);
      if (at > pending.length) break;
      if (!endsBatch.has(type) && type !== flush) continue;
      batches.push({ bytes: Uint8Array.from(pending.subarray(from, at)), isOver: type !== flush });
      from = at;
    }
    pending = pending.subarray(from);
    return { batches, answer: null, isGone: false };
  };

  return {
    read: (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      return hasStarted ? messages() : start();
    },
  };
};
