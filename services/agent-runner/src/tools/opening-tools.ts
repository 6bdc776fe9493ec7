import { currentOrganization, type KeyRing } from '@partitura/shared/subject-keys';
import type { ToolBox } from './tool-box.ts';

/** What is looked up or sent is looked up and kept as it is kept everywhere: sealed. */
const amongThemselves: ReadonlySet<string> = new Set(['knowledge_search', 'send_message']);

/**
 * Files and commands are given what the model wrote: a name that stands sealed in the log belongs into the code as it is. What was
 * erased goes there as `[erased]`, also where work that was lost is done again.
 */
export const openingTools = (tools: ToolBox, subjects: KeyRing | undefined): ToolBox => ({
  ...tools,
  run: (call, context) => {
    const organizationId = currentOrganization();
    const sealed = subjects === undefined || subjects.isEmpty() || organizationId === null;
    if (sealed || amongThemselves.has(call.tool)) return tools.run(call, context);
    return tools.run(
      { ...call, arguments: subjects.sealer(organizationId).openData(call.arguments) },
      context,
    );
  },
});
