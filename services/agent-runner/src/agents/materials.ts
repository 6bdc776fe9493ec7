import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckResult, KnowledgeNode } from '@partitura/shared/events';
import type { PlanDocument } from '@partitura/shared/planning';
import type { Section } from '@partitura/shared/prompts';
import type { Assignment } from './assignment.ts';
import type { Contents } from './contents.ts';
import { asJson, atMost } from './prompts.ts';
import type { Message } from './state.ts';

/** What a question is made of, each piece as a section that is left out when it is empty. */

export interface KnownPiece {
  readonly nodeId: string;
  readonly kind: KnowledgeNode['kind'];
  readonly title: string;
  readonly content: string;
}

export const taskSection = ({ task }: Assignment): Section => ({ name: 'task', content: asJson(task) });

export const criteriaSection = ({ task }: Assignment): Section => ({
  name: 'criteria',
  content: asJson(task.acceptanceCriteria),
});

export const planSections = ({ task, mode }: Assignment, plan: PlanDocument | null): Section[] => {
  if (plan === null) return [];
  const serves = new Set(task.requirementIds);
  // A review is of the whole; a task needs what it serves.
  const whole = mode === 'review' && serves.size === 0;
  const requirements = plan.requirements.filter(({ id }) => whole || serves.has(id));
  return [
    { name: 'requirements', content: asJson(requirements) },
    { name: 'architecture', content: atMost(plan.architecture.document, 16_000) },
  ];
};

export const learningsSection = (learnings: readonly string[]): Section => ({
  name: 'learnings',
  content: atMost(learnings.map((learning) => `- ${learning}`).join('\n'), 8_000),
});

/** The latest last: what was rejected, and why it was. */
export const rejectedSection = (rejections: readonly string[]): Section => ({
  name: 'rejected',
  content: atMost(rejections.map((said) => `- ${said}`).join('\n'), 8_000),
});

export const knowledgeText = (known: readonly KnownPiece[]): string =>
  known.map(({ kind, title, content }) => `- [${kind}] ${title}: ${atMost(content, 1_000)}`).join('\n');

/**
 * With the end of what each command said. Key by key: what comes back from the log has its keys in another order, and the same question
 * would be worded otherwise after a crash.
 */
export const checksSection = async (contents: Contents, checks: readonly CheckResult[]): Promise<Section> => {
  const described = checks.map(async ({ name, command, outcome, exitCode, passed, failed, output }) => ({
    name,
    command,
    outcome,
    exitCode,
    passed,
    failed,
    output: output === null ? '' : (await contents.read(output)).slice(-4_000),
  }));
  return { name: 'checks', content: asJson(await Promise.all(described)) };
};

export const messagesSection = (messages: readonly Message[]): Section => ({
  name: 'messages',
  content: messages.map(({ from, text }) => `From ${from}: ${text}`).join('\n\n'),
});

const mostFiles = 400;
const leftOut = new Set(['.git', 'node_modules', '__pycache__', 'target', '.venv', 'dist']);

/** Paths of the work tree's files, folders that hold what was built or installed left out. */
export const listFiles = async (root: string): Promise<string> => {
  const found: string[] = [];
  for await (const path of filesBelow(root, '')) {
    if (found.length === mostFiles) return `${found.join('\n')}\n[… more files left out]`;
    found.push(path);
  }
  return found.join('\n');
};

async function* filesBelow(root: string, folder: string): AsyncGenerator<string> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  for (const entry of entries) {
    if (leftOut.has(entry.name)) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(root, path);
    else yield path;
  }
}
