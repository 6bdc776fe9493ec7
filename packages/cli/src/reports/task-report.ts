import type { AgentResource, CommentResource, TaskResource } from '@partitura/shared/http';
import { fields } from '../output/table.ts';
import { dollars, duration, quantity } from '../screen/figures.ts';
import { joined, oneLine } from '../screen/line.ts';
import { type Paper, tokensIn } from './run-report.ts';
import { statusText } from './status.ts';

/** `show TASK`. */
export const taskReport = (
  task: TaskResource,
  comments: readonly CommentResource[],
  { pen }: Paper,
): readonly string[] => [
  ...fields([
    ['task', task.id],
    ['title', oneLine(task.title, 300)],
    [
      'status',
      joined(statusText(task.status, pen), task.error === null ? null : oneLine(task.error.message, 300)),
    ],
    ['kind', `${task.kind}, complexity ${task.complexity}, priority ${task.priority}`],
    ['agent', joined(task.agentType, task.agentId)],
    ['attempts', String(task.attempts)],
    ['depends on', task.dependsOn.join(', ')],
    ['requirements', task.requirementIds.join(', ')],
    ['branch', joined(task.branch, task.commit?.slice(0, 12) ?? null)],
    ['spent', `${dollars(task.usage.costUsd)}, ${quantity(tokensIn(task.usage))} tokens`],
  ]),
  ...section(
    'Description',
    task.description === '' ? [] : task.description.split('\n').map((text) => oneLine(text, 1_000)),
  ),
  ...section(
    'Criteria',
    task.acceptanceCriteria.map((criterion) => `- ${oneLine(criterion, 300)}`),
  ),
  ...section(
    'Findings',
    task.findings.map(({ severity, title, file }) => `- ${severity}: ${joined(oneLine(title, 300), file)}`),
  ),
  ...section(
    'Comments',
    comments.map(({ author, text }) => `- ${author}: ${oneLine(text, 1_000)}`),
  ),
];

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((text) => `  ${text}`)];

/** `show AGENT`. */
export const agentReport = (agent: AgentResource, { pen, now }: Paper): readonly string[] => {
  const end = agent.endedAt === null ? now : Date.parse(agent.endedAt);
  return fields([
    ['agent', agent.id],
    ['type', agent.type],
    [
      'status',
      joined(
        statusText(agent.status, pen),
        agent.step === null ? null : `${agent.step}, cycle ${agent.cycle}`,
      ),
    ],
    ['model', agent.model],
    ['task', `${agent.taskId}, attempt ${agent.attempt}`],
    ['branch', joined(agent.branch, agent.commit?.slice(0, 12) ?? null)],
    [
      'spent',
      `${dollars(agent.usage.costUsd)}, ${quantity(tokensIn(agent.usage))} tokens, ${agent.usage.calls} calls`,
    ],
    ['tools', `${agent.toolCalls} calls`],
    ['crashes', agent.crashes === 0 ? null : String(agent.crashes)],
    ['time', duration(end - Date.parse(agent.startedAt))],
    ['last', oneLine(agent.lastLine, 300)],
    ['see', `partitura logs ${agent.id}`],
  ]);
};
