import type { Requirement, TaskDefinition } from '../../../planning/index.ts';
import { type AnswerName, answerSpecification, renderSections } from '../../../prompts/index.ts';
import type { ChatMessage, ChatModel, ChatRequest, ContentPart } from '../../port.ts';

/** Prompts as planner and agents write them, and an agent's side of the conversation, for tests. */

const everyTool = [
  'read_file',
  'write_file',
  'list_files',
  'run_command',
  'knowledge_search',
  'send_message',
];

export const requestOf = (
  sections: Readonly<Record<string, unknown>>,
  answer: AnswerName | null,
  tools: readonly string[] = [],
): ChatRequest => {
  const rendered = renderSections(
    Object.entries(sections).map(([name, content]) => ({
      name,
      content: typeof content === 'string' ? content : JSON.stringify(content),
    })),
  );
  return {
    model: 'rehearsal/rehearsal',
    system: 'You are one of a team.',
    messages: [{ role: 'user', content: [{ kind: 'text', text: rendered }] }],
    tools: tools.map((name) => ({ name, description: '', parameters: {} })),
    answer: answer === null ? null : answerSpecification(answer),
    maxOutputTokens: 32_000,
    temperature: null,
  };
};

const forever = new AbortController().signal;

/** @returns the structured answer, typed by whoever asks */
export const ask = async <T>(
  model: ChatModel,
  name: AnswerName,
  sections: Readonly<Record<string, unknown>>,
): Promise<T> => (await model.chat(requestOf(sections, name), { signal: forever })).structured as T;

export interface ToolUse {
  readonly tool: string;
  readonly input: Readonly<Record<string, string>>;
}

export interface Worktree {
  readonly files: Map<string, string>;
  /** What a command says; a text that begins with `failed` is a failure. */
  readonly run: (command: string) => string;
}

export interface Played {
  readonly uses: readonly ToolUse[];
  readonly calls: number;
  readonly text: string;
}

export interface Given {
  readonly task: TaskDefinition;
  readonly requirements: readonly Requirement[];
  readonly more?: Readonly<Record<string, unknown>>;
  readonly tools?: readonly string[];
}

/** One act step to its end, against files in memory. */
export const playAct = async (model: ChatModel, given: Given, tree: Worktree): Promise<Played> => {
  const { task, requirements, more = {}, tools = everyTool } = given;
  const sections = { task, requirements, files: [...tree.files.keys()].sort().join('\n'), ...more };
  const request = requestOf(sections, null, tools);
  const messages: ChatMessage[] = [...request.messages];
  const uses: ToolUse[] = [];
  for (let call = 1; call <= 10; call += 1) {
    const { content } = await model.chat({ ...request, messages }, { signal: forever });
    const asked = content.filter((part) => part.kind === 'tool_call');
    if (asked.length === 0) {
      return {
        uses,
        calls: call,
        text: content.map((part) => (part.kind === 'text' ? part.text : '')).join(''),
      };
    }
    const results = asked.map(({ id, tool, arguments: given_ }): ContentPart => {
      const use = { tool, input: given_ as Record<string, string> };
      uses.push(use);
      const said = answerTool(use, tree);
      return { kind: 'tool_result', id, content: said, failed: said.startsWith('failed') };
    });
    messages.push({ role: 'assistant', content }, { role: 'user', content: results });
  }
  throw new Error('The act step does not end.');
};

const answerTool = ({ tool, input }: ToolUse, { files, run }: Worktree): string => {
  if (tool === 'run_command') return run(input.command ?? '');
  const path = input.path ?? '';
  if (tool === 'write_file') files.set(path, input.content ?? '');
  if (tool !== 'read_file') return 'done';
  const content = files.get(path);
  return content === undefined ? 'failed: no such file' : numbered(content);
};

/** As the agents' tool shows a file. */
const numbered = (content: string): string =>
  content
    .replace(/\n$/, '')
    .split('\n')
    .map((line, index) => `${String(index + 1).padStart(5)}\t${line}`)
    .join('\n');
