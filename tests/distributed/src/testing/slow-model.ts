import { setTimeout as sleep } from 'node:timers/promises';
import { rehearsalModel } from '@partitura/shared/models';
import { respondWith, startAnthropicServer, type WireServer } from '@partitura/shared/models/testing';

export interface SlowModel {
  /** What services need to ask it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly requests: WireServer['requests'];
  close(): Promise<void>;
}

/** A simulated provider: Anthropic's protocol on loopback, the rehearsal's answers, each after `latencyMs`. */
export const startSlowModel = async (latencyMs: number): Promise<SlowModel> => {
  const rehearsed = respondWith(rehearsalModel({ seed: 1 }), 'rehearsal/rehearsal');
  const server = await startAnthropicServer({
    respond: async (served) => {
      await sleep(latencyMs);
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
    close: () => server.close(),
  };
};
