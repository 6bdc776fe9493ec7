import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, apiClient } from '@partitura/shared/http';

export interface EitherGatewayOptions {
  readonly urls: readonly string[];
  /** How long a request looks for a gateway that takes it. Default 30 s. */
  readonly patienceMs?: number;
}

/** A gateway says so of itself; of what is behind it, it never says either. */
const aboutItself = /"code":"(?:SERVICE_STARTING|SERVER_STOPPING)"/;

/**
 * A client as behind a load balancer: a request goes to another gateway when the first one is not there, breaks off, or says that it
 * is on its way up or down. Whatever a gateway answers is the answer. Commands need an idempotency key.
 */
export const eitherGateway = ({ urls, patienceMs = 30_000 }: EitherGatewayOptions): ApiClient => {
  const [baseUrl = ''] = urls;
  let turn = 0;

  const ask = async (url: string, init: RequestInit | undefined): Promise<Response | null> => {
    const response = await fetch(url, init);
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) return response;
    // All of it here, so that an answer that breaks off is none.
    const body = await response.text();
    if (response.status === 503 && aboutItself.test(body)) return null;
    const { status, headers } = response;
    return new Response(body, { status, headers });
  };

  /** Null: the next gateway may. */
  const tried = async (
    gateway: string,
    url: string,
    init: RequestInit | undefined,
    last: boolean,
  ): Promise<Response | null> => {
    try {
      return await ask(url.replace(baseUrl, gateway), init);
    } catch (error) {
      if (last || init?.signal?.aborted) throw error;
      return null;
    }
  };

  return apiClient({
    baseUrl,
    reconnects: 100,
    fetch: async (input, init) => {
      const deadline = performance.now() + patienceMs;
      for (;;) {
        const last = performance.now() > deadline;
        const answer = await tried(urls[turn % urls.length] ?? baseUrl, String(input), init, last);
        if (answer) return answer;
        if (last) throw new Error(`No gateway takes ${String(input)}.`);
        turn += 1;
        await sleep(50);
      }
    },
  });
};
