/** https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol: length, id, id of the request, kind; little-endian. */
const lengthBytes = 4;
const headerBytes = 16;
const kindAt = 12;
const messageKind = 2_013;
/** Of a message of that kind: in a request, that no answer is wanted; in an answer, that another one follows. */
const moreToCome = 2;

/** What FerretDB takes at most, and MongoDB. */
const mostBytes = 48_000_000;

/**
 * Cuts what comes from a connection into whole messages, however the network cuts it. What is left of one at the end is dropped.
 * @throws {Error} when it is not MongoDB's protocol
 */
export async function* wholeMessages(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, undefined> {
  let pending: Buffer[] = [];
  let size = 0;
  let wanted = lengthBytes;
  for await (const chunk of chunks) {
    pending.push(chunk);
    size += chunk.length;
    // Joined once per message: a huge one comes in thousands of chunks.
    if (size < wanted) continue;
    let rest = Buffer.concat(pending);
    wanted = wantedBy(rest);
    while (wanted > lengthBytes && rest.length >= wanted) {
      yield rest.subarray(0, wanted);
      rest = rest.subarray(wanted);
      wanted = wantedBy(rest);
    }
    pending = [rest];
    size = rest.length;
  }
}

/** How many bytes there have to be before there is anything to do. */
const wantedBy = (bytes: Buffer): number => {
  if (bytes.length < lengthBytes) return lengthBytes;
  const length = bytes.readInt32LE(0);
  if (length < headerBytes || length > mostBytes) throw new Error(`a message of ${length} bytes`);
  return length;
};

export const hasMoreToCome = (message: Buffer): boolean =>
  message.length >= headerBytes + 4 &&
  message.readInt32LE(kindAt) === messageKind &&
  (message.readUInt32LE(headerBytes) & moreToCome) !== 0;

/** Behind the header, the flags, the kind of the section, the length of its document and the type of its first field: that field's name. */
const commandAt = headerBytes + 10;
const legacyQueryKind = 2_004;
const greetings: ReadonlySet<string> = new Set(['hello', 'isMaster', 'ismaster']);

/** Asks whether the server is there, and touches no document. */
export const isGreeting = (message: Buffer): boolean => {
  if (message.length < commandAt) return false;
  const kind = message.readInt32LE(kindAt);
  if (kind !== messageKind) return kind === legacyQueryKind;
  return greetings.has(message.toString('latin1', commandAt, message.indexOf(0, commandAt)));
};
