import { rehearsalModel } from '@partitura/shared/models';
import { respondWith, serves, startOpenAiServer } from '@partitura/shared/models/testing';

/** Models of a provider that plan like any other, and whose agents do nothing: two that have a price. */
export const models = {
  /** Says no. */
  unwilling: 'openai/gpt-6-sol',
  /** Never answers to the end. */
  silent: 'openai/gpt-6-luna',
} as const;

export interface ModelServer {
  /** What the services need to ask it. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export const startModelServer = async (): Promise<ModelServer> => {
  const rehearsed = respondWith(rehearsalModel({ seed: 1 }), 'rehearsal/rehearsal');
  const server = await startOpenAiServer({
    respond: (served) => {
      // Only what is asked of planners has a shape.
      if (served.request.answer) return rehearsed(served);
      return served.request.model === models.unwilling
        ? serves.refusal('I will not.')
        : serves.stalls('Well …');
    },
  });
  return {
    environment: { OPENAI_API_KEY: 'a-key-of-a-test-0815', OPENAI_BASE_URL: server.url },
    close: () => server.close(),
  };
};
