import { afterEach, describe, expect, it } from '@jest/globals';
import type { Budget, RecordedEvent } from '@partitura/shared/events';
import { priceTable, rehearsalModel } from '@partitura/shared/models';
import {
  countsFor,
  respondWith,
  type ServedAnswer,
  startAnthropicServer,
  type WireServer,
} from '@partitura/shared/models/testing';
import { type Composed, startComposed } from './testing/composed.ts';
import { ofType } from './testing/evidence.ts';
import { makePlaces, type Places } from './testing/places.ts';

const model = 'anthropic/claude-sonnet-5-5';
const prd = `# Notes\n\n${Array.from({ length: 24 }, (_, index) => `- FR-${index + 1}: A user can do thing ${index + 1} with a note of kind ${index + 1}.`).join('\n')}\n`;

const opened: { places: Places; server: WireServer; composed: Composed }[] = [];
afterEach(async () => {
  for (const { places, server, composed } of opened.splice(0)) {
    await composed.stop(1_000);
    await server.close();
    await places.remove();
  }
});

/** A run over a server that keeps its own bill, as a provider would. */
const runWithin = async (limits: Partial<Budget>) => {
  const bill = { microUsd: 0, tokens: 0 };
  const answer = respondWith(rehearsalModel({ seed: 1 }), 'rehearsal/rehearsal');
  const prices = priceTable([]);
  const places = await makePlaces(prd);
  const server = await startAnthropicServer({
    respond: async (served) => {
      const given = await answer(served);
      if (given.kind === 'answer') {
        const counts = countsFor(served, given as ServedAnswer);
        bill.microUsd += prices.usageOf(model, counts).costMicroUsd;
        bill.tokens += counts.inputTokens + counts.outputTokens;
      }
      return given;
    },
  });
  const composed = await startComposed(places.data, {
    ANTHROPIC_API_KEY: 'a-key-of-a-test-0815',
    ANTHROPIC_BASE_URL: server.url,
    PARTITURA_MODEL: model,
  });
  opened.push({ places, server, composed });
  const budget: Budget = {
    microUsd: null,
    tokens: null,
    wallMs: null,
    onExceed: 'stop',
    thresholds: [0.5, 0.8, 1],
    ...limits,
  };
  await composed.requestRun('r_budget', { budget, maxAgents: 8 }, prd);
  const end = await composed.until('r_budget', ['run.completed', 'run.failed', 'run.paused', 'run.stopped']);
  return { bill, end, composed, events: () => composed.events('r_budget') };
};

const recorded = (events: readonly RecordedEvent[]): { microUsd: number; tokens: number } =>
  ofType(events, 'model.answered').reduce(
    (sum, { data }) => {
      const { usage } = data as {
        usage: { costMicroUsd: number; inputTokens: number; outputTokens: number };
      };
      return {
        microUsd: sum.microUsd + usage.costMicroUsd,
        tokens: sum.tokens + usage.inputTokens + usage.outputTokens,
      };
    },
    { microUsd: 0, tokens: 0 },
  );

describe('a run of eight agents', () => {
  it.each([60_000, 150_000, 300_000, 500_000])(
    'never spends more than %d millionths of a dollar',
    async (microUsd) => {
      const { bill, end, events } = await runWithin({ microUsd });
      expect(bill.microUsd).toBeLessThanOrEqual(microUsd);
      expect(recorded(await events()).microUsd).toBeLessThanOrEqual(microUsd);
      // Agents that each held a share could not use it: this money was there, and the run stopped with most of it unspent.
      expect(end.type).toBe(microUsd >= 300_000 ? 'run.completed' : 'run.stopped');
    },
  );

  it('says how it ended, and where the money went', async () => {
    const { composed, end } = await runWithin({ microUsd: 150_000 });
    const run = await composed.call('getRun', {
      params: { id: 'r_budget' },
      query: { after: end.position },
      body: null,
    });
    expect(run).toMatchObject({ status: 'stopped_budget', statusDetail: expect.stringMatching(/\S/) });
    const { usage } = run as { usage: { costUsd: number } };
    expect(usage.costUsd).toBeGreaterThan(0);
    expect(usage.costUsd).toBeLessThanOrEqual(0.15);
  });

  it('never uses more tokens than it may', async () => {
    const { bill, end } = await runWithin({ tokens: 30_000 });
    expect(bill.tokens).toBeLessThanOrEqual(30_000);
    expect(end).toMatchObject({ type: 'run.stopped', data: { by: 'budget' } });
  });

  it('pauses instead, when it was told to', async () => {
    const { bill, end } = await runWithin({ microUsd: 150_000, onExceed: 'pause' });
    expect(bill.microUsd).toBeLessThanOrEqual(150_000);
    expect(end).toMatchObject({ type: 'run.paused', data: { reason: 'budget' } });
  });
});
