import { setTimeout as sleep } from 'node:timers/promises';
import { rehearsalModel } from '@partitura/shared/models';
import { respondWith, startAnthropicServer, type WireServer } from '@partitura/shared/models/testing';

export interface SlowModel {
  /** What services need to ask it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly requests: WireServer['requests'];
  /** When each request came, in milliseconds of the system's clock. */
  readonly askedAt: readonly number[];
  close(): Promise<void>;
}

/**
 * A simulated provider: Anthropic's protocol on loopback, the rehearsal's answers, each after `latencyMs`, which is asked for
 * every answer where it is a function.
 */
export const startSlowModel = async (latencyMs: number | (() => number)): Promise<SlowModel> => {
  const rehearsed = respondWith(rehearsalModel({ seed: 1 }), 'rehearsal/rehearsal');
  const askedAt: number[] = [];
  const server = await startAnthropicServer({
    respond: async (served) => {
      askedAt[served.number] = Date.now();
      await sleep(typeof latencyMs === 'number' ? latencyMs : latencyMs());
      return rehearsed(served);
    },
  });
  return {
    environment: {
      ANTHROPIC_API_KEY: 'a-key-for-a-simulated-provider',
      ANTHROPIC_BASE_URL: server.url,
      PARTITURA_MODEL: 'anthropic/claude-sonnet-5-5',
    },
    requests: server.requests,
    askedAt,
    close: () => server.close(),
  };
};
