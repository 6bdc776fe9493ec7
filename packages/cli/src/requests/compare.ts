import type { ApiClient } from '@partitura/shared/http';
import { PartituraError } from '@partitura/shared/runtime';
import { resolveRun } from '../connection/resolve-id.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Code, compareReport } from '../reports/compare-report.ts';
import { inSession, paperOf, written } from './serve.ts';

export interface CompareFlags {
  readonly patch?: boolean;
}

/** `compare A B`: two runs by task, by decision and by their code. */
export const compare = (first: string, second: string, { patch = false }: CompareFlags, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const [id, other] = [await resolveRun(client, first), await resolveRun(client, second)];
    const params = { id, other };
    const comparison = await client.call('compareRuns', { params });
    const code = await codeOf(client, params);
    context.output.result({ ...comparison, code }, () =>
      written(context, compareReport(comparison, code, paperOf(context), patch)),
    );
    return exitCodes.done;
  });

/** Runs without a repository, or whose branches are gone, can be compared all the same. */
const codeOf = async (
  client: ApiClient,
  params: { readonly id: string; readonly other: string },
): Promise<Code> => {
  try {
    return await client.call('getCodeDifference', { params });
  } catch (error) {
    if (error instanceof PartituraError) return { code: error.code, detail: error.message };
    throw error;
  }
};
