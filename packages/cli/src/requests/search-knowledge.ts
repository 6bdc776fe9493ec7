import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { joined, oneLine } from '../screen/line.ts';
import { penOf } from '../screen/symbols.ts';
import { inSession, written } from './serve.ts';

export interface SearchFlags {
  readonly project?: string;
  readonly limit: number;
}

/** `knowledge search`: by words and by meaning. */
export const searchKnowledge = (
  words: readonly string[],
  { project, limit }: SearchFlags,
  context: Context,
) =>
  inSession(context, 'look', async ({ client }) => {
    const query = { q: words.join(' '), limit, ...(project === undefined ? {} : { projectId: project }) };
    const found = await client.call('searchKnowledge', { query });
    const pen = penOf(context.terminal);
    context.output.result(found, () => {
      if (found.items.length === 0) return ['Nothing is known of that.'];
      const lines = found.items.flatMap(({ node, score }) => [
        `${pen.paint('bold', oneLine(node.title))}  ${pen.paint('gray', joined(node.kind, node.id, score.toFixed(3), node.provenance.taskId))}`,
        ...(oneLine(node.content) === oneLine(node.title) ? [] : [`  ${oneLine(node.content, 300)}`]),
      ]);
      return written(context, lines);
    });
    return exitCodes.done;
  });
