import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { joined, oneLine } from '../screen/line.ts';
import { inSession, written } from './serve.ts';

export interface RetractFlags {
  readonly reason: string;
  readonly redo?: boolean;
}

/** `knowledge retract` */
export const retractKnowledge = (id: string, { reason, redo = false }: RetractFlags, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const accepted = await client.call('retractKnowledge', { params: { id }, body: { reason, redo } });
    context.output.result(accepted, () =>
      written(context, [
        redo
          ? `${id} is retracted; what was built upon it is done again.`
          : `${id} is retracted. What was built upon it: partitura knowledge consumers ${id}`,
      ]),
    );
    return exitCodes.done;
  });

const endings = { true: 'succeeded', false: 'failed', null: 'open' } as const;

const standing = ({ retracted, falls }: { readonly retracted: boolean; readonly falls: boolean }): string => {
  if (retracted) return 'retracted';
  return falls ? 'falls with it' : 'stands';
};

/** `knowledge consumers` */
export const listConsumers = (id: string, context: Context) =>
  inSession(context, 'look', async ({ client }) => {
    const found = await client.call('getKnowledgeConsumers', { params: { id } });
    context.output.result(found, () => {
      if (found.attempts.length === 0) return ['Nobody was told of it.'];
      return written(context, [
        ...found.attempts.map(({ agentId, nodeId, succeeded }) =>
          joined(agentId, endings[`${succeeded}`], nodeId === id ? null : `by ${nodeId}`),
        ),
        ...found.nodes.map((node) => joined(node.id, standing(node), oneLine(node.title))),
      ]);
    });
    return exitCodes.done;
  });
