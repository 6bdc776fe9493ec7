import type { Examples } from './example.ts';
import { agent, ids, positions, task } from './samples.ts';

const commit = '3f9a1c2e5b7d4a60c8e1f2a3b4c5d6e7f8091a2b';

/** Where something stands in the log. */
const proof = (type: string, stream: string, revision: number) => ({
  eventId: `${stream}/${revision}`,
  type,
  stream,
  revision,
  position: positions.earlier,
  time: '2026-03-02T08:31:40.000Z',
  actor: `agent:${ids.agent}`,
});

const agentStream = `agent-${ids.agent}`;
const runStream = `run-${ids.run}`;
const explained = {
  id: commit,
  kind: 'checkpoint' as const,
  author: 'Partitura',
  time: '2026-03-02T08:36:02+00:00',
  subject: 'T4: Redirect short links',
  runId: ids.run,
  taskId: ids.task,
  attemptId: ids.agent,
};
const content = (text: string) => ({ artifactId: ids.artifact, text, characters: text.length });

export const whyExamples = {
  explainLine: {
    query: { runId: ids.run, path: 'README.md', line: 1 },
    result: {
      path: 'README.md',
      line: 1,
      text: '# Link shortener',
      looked: { projectId: ids.project, runId: ids.run, branch: `partitura/${ids.run}`, commit },
      commit: { ...explained, path: 'README.md', line: 1 },
      run: {
        id: ids.run,
        projectId: ids.project,
        model: agent.model,
        rehearsal: false,
        event: proof('run.created', runStream, 0),
      },
      task: {
        id: ids.task,
        key: task.key,
        kind: 'task',
        title: task.title,
        description: task.description,
        agentType: task.agentType,
        phase: task.phase,
        requirementIds: ['R3'],
        conflict: null,
        event: proof('task.added', runStream, 12),
      },
      attempt: {
        id: ids.agent,
        number: 1,
        agentType: agent.type,
        model: agent.model,
        runner: 'runner-1',
        event: proof('agent.spawned', agentStream, 0),
      },
      checkpoint: {
        commit,
        filesChanged: 2,
        event: proof('agent.checkpoint_committed', agentStream, 21),
      },
      step: {
        step: 'act',
        cycle: 1,
        certainty: 'wrote',
        toolCallId: `${ids.agent}.c2.1`,
        tool: 'write_file',
        arguments: content('{"path":"README.md","content":"# Link shortener"}'),
        outcome: 'succeeded',
        result: content('Replaced "README.md" (16 bytes).'),
        called: proof('tool.called', agentStream, 11),
        returned: proof('tool.returned', agentStream, 12),
      },
      prompt: {
        callId: `${ids.agent}.c2`,
        purpose: 'act',
        model: agent.model,
        messages: 1,
        system: 'You are the backend engineer.',
        opening: 'Do the task now.',
        artifactId: ids.artifact,
        event: proof('model.requested', agentStream, 9),
      },
      answer: {
        model: agent.model,
        text: 'write_file {"path":"README.md"}',
        stopReason: 'tool_use',
        artifactId: ids.artifact,
        event: proof('model.answered', agentStream, 10),
      },
      memory: [
        {
          kind: 'approach',
          text: 'Say first what it is.',
          event: proof('agent.approach_chosen', agentStream, 7),
        },
      ],
      knowledge: [
        {
          nodeId: ids.node,
          kind: 'decision',
          title: 'Slugs are random',
          content: 'Seven characters of base 58; a clash is tried again.',
          retracted: false,
          used: proof('agent.knowledge_used', agentStream, 8),
          added: proof('knowledge.node_added', `knowledge-${ids.project}`, 3),
        },
      ],
      merge: { attemptId: ids.agent, commit, event: proof('merge.completed', `merge-${ids.run}`, 2) },
      requirements: [
        {
          id: 'R3',
          sourceId: 'FR-1.2',
          text: 'The README says what it is.',
          prd: {
            name: 'link-shortener.md',
            artifactId: ids.artifact,
            line: 18,
            text: '- FR-1.2 The README says what it is.',
          },
          event: proof('plan.accepted', runStream, 8),
        },
      ],
      approvals: [
        {
          id: ids.approval,
          of: 'run',
          action: 'accept_plan',
          subject: 'The plan',
          status: 'granted',
          decidedBy: 'user:local',
          comment: '',
          requested: proof('approval.requested', runStream, 6),
          decided: proof('approval.granted', runStream, 7),
        },
      ],
      commits: [explained],
      notes: [],
      missing: [],
    },
  },
  getCodeDifference: {
    params: { id: ids.run, other: ids.run },
    result: {
      from: { runId: ids.run, branch: `partitura/${ids.run}`, commit },
      to: { runId: ids.run, branch: `partitura/${ids.run}`, commit },
      files: [],
      filesChanged: 0,
      insertions: 0,
      deletions: 0,
      patch: '',
      truncated: false,
    },
  },
} satisfies Examples;
