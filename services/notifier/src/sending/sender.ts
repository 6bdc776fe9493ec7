import type { Clock } from '@partitura/shared/runtime';
import { Agent, request } from 'undici';
import type { AddressGuard } from './address-guard.ts';
import { AddressRefused, guardedLookup, type Resolve, systemResolve } from './guarded-lookup.ts';
import { hostObjection } from './webhook-url.ts';

export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came of one attempt. */
export interface Answer {
  /** Null when there was none. */
  readonly status: number | null;
  readonly latencyMs: number;
  /** What the body begins with. */
  readonly head: string;
  /** Null when it was taken: any status of 2xx. */
  readonly problem: { readonly code: string; readonly message: string } | null;
}

export interface Sender {
  /** Never rejects for what the consumer does; rejects when the signal aborts. */
  send(message: Message, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

export interface SenderOptions {
  readonly guard: AddressGuard;
  readonly clock: Clock;
  /** Default: that of the system. */
  readonly resolve?: Resolve;
}

/** For everything: looking the name up, connecting, sending, and what is read of the answer. */
export const timeoutMs = 15_000;
/** Bytes of an answer that are read. */
const longestHead = 1_024;

class TimedOut extends Error {
  readonly code = 'TIMED_OUT';
}

/** Posts to consumers. Redirects are answers like any other, which is to say failures; nothing is asked that the guard objects to. */
export const createSender = ({ guard, clock, resolve = systemResolve }: SenderOptions): Sender => {
  const agent = new Agent({
    connect: { timeout: timeoutMs, lookup: guardedLookup(guard, resolve) },
    // The one limit is ours, over everything.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 4_000,
    maxHeaderSize: 16_384,
  });

  const post = async ({ url, headers, body }: Message, signal: AbortSignal) => {
    // An address in the URL is connected to without being looked up.
    const why = hostObjection(new URL(url).hostname, guard);
    if (why !== null) throw new AddressRefused(why);
    const response = await request(url, { method: 'POST', headers, body, dispatcher: agent, signal });
    return { status: response.statusCode, head: await headOf(response.body) };
  };

  const failed = (error: unknown, latencyMs: number): Answer => ({
    status: null,
    latencyMs,
    head: '',
    problem: problemOf(error),
  });

  return {
    send: async (message, signal) => {
      const started = clock.now();
      const limit = timeLimit(clock, signal);
      try {
        const { status, head } = await post(message, limit.signal);
        return { status, latencyMs: clock.now() - started, head, problem: refusalOf(status) };
      } catch (error) {
        signal.throwIfAborted();
        return failed(limit.signal.aborted ? limit.signal.reason : error, clock.now() - started);
      } finally {
        limit.over();
      }
    },
    close: () => agent.destroy(),
  };
};

const timeLimit = (clock: Clock, outer: AbortSignal) => {
  const late = new AbortController();
  const over = new AbortController();
  clock.sleep(timeoutMs, over.signal).then(
    () => late.abort(new TimedOut(`There was no whole answer within ${timeoutMs / 1_000} s.`)),
    () => undefined,
  );
  return { signal: AbortSignal.any([late.signal, outer]), over: () => over.abort() };
};

/** The rest is not waited for: the connection is closed. */
const headOf = async (body: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length >= longestHead) break;
  }
  return printable(Buffer.concat(chunks).subarray(0, longestHead).toString('utf8'));
};

/** As text that a list can show: control characters and halves of characters are of no use to anybody. */
const printable = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\uFFFD]+/gu, ' ')
    .trim();

const refusalOf = (status: number): Answer['problem'] => {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400)
    return { code: 'REDIRECTED', message: `It answered ${status}; redirects are not followed.` };
  return { code: 'REFUSED', message: `It answered ${status}.` };
};

const problemOf = (error: unknown): { code: string; message: string } => {
  const code = codeOf(error);
  if (code === 'ADDRESS_REFUSED' || code === 'TIMED_OUT') return { code, message: messageOf(error) };
  return { code: 'NOT_REACHED', message: [code, messageOf(error)].filter((text) => text !== '').join(': ') };
};

const codeOf = (error: unknown): string =>
  Error.isError(error) && 'code' in error && typeof error.code === 'string' ? error.code : '';
const messageOf = (error: unknown): string =>
  (Error.isError(error) ? error.message : String(error)).slice(0, 500);
