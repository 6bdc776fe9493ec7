import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Sandbox } from '../sandbox/index.ts';
import type { ToolContext } from './index.ts';
import { toolPlace } from './testing/tool-place.ts';

const place = toolPlace();
const { use } = place;

describe('what a model can get wrong', () => {
  it('is told to it, not thrown', async () => {
    expect(await use('format_disk', {})).toMatchObject({
      outcome: 'failed',
      text: expect.stringContaining('read_file'),
    });
    expect(await use('read_file', {})).toMatchObject({
      outcome: 'failed',
      text: expect.stringContaining('path'),
    });
    expect(await use('read_file', 'README.md')).toMatchObject({ outcome: 'failed' });
    expect(await use('write_file', { path: 'a', content: 1 })).toMatchObject({
      outcome: 'failed',
      text: expect.stringContaining('content'),
    });
    expect(await use('read_file', { path: 'README.md', lines: 3 })).toMatchObject({
      outcome: 'failed',
      text: expect.stringContaining('lines'),
    });
    expect(await use('constructor', {})).toMatchObject({ outcome: 'failed' });
  });

  it('never throws, whatever the arguments', async () => {
    const names = [
      'read_file',
      'write_file',
      'edit_file',
      'list_files',
      'search_files',
      'run_command',
      'knowledge_search',
      'send_message',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.oneof(
          fc.jsonValue(),
          fc.record(
            { path: fc.string(), content: fc.string(), find: fc.string(), replace: fc.string() },
            { requiredKeys: ['path'] },
          ),
        ),
        async (name, input) => {
          const result = await use(name, input);
          expect(['succeeded', 'failed', 'refused']).toContain(result.outcome);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('has schemas that providers take', () => {
    for (const { parameters } of place.box.specifications(['read_file', 'edit_file', 'run_command'])) {
      expect(parameters).toMatchObject({ type: 'object', additionalProperties: false });
    }
  });

  it('works without files, and says so', async () => {
    expect(await use('read_file', { path: 'a' }, { worktree: null })).toMatchObject({ outcome: 'refused' });
  });
});

describe('commands', () => {
  const answering = (seen: unknown[]): Sandbox => ({
    name: 'fake',
    confines: true,
    run: async (command) => {
      seen.push(command);
      return {
        exitCode: 1,
        signal: null,
        output: 'x'.repeat(50_000),
        timedOut: false,
        truncated: false,
        durationMs: 1,
        limit: null,
      };
    },
  });

  it('are refused without a sandbox', async () => {
    expect(await use('run_command', { command: 'true' })).toMatchObject({
      outcome: 'refused',
      text: expect.stringContaining('sandbox'),
    });
  });

  it('can write the work tree, and only read the git directories', async () => {
    const seen: unknown[] = [];
    const result = await use(
      'run_command',
      { command: 'npm test', timeout_seconds: 3_000 },
      { sandbox: answering(seen) },
    );
    expect(seen[0]).toMatchObject({
      cwd: place.worktree.path,
      writable: [place.worktree.path],
      readOnly: [
        join(place.worktree.path, '.git'),
        place.worktree.gitDirectory,
        place.worktree.repository.path,
      ],
      network: false,
      timeoutMs: 5_000,
    });
    expect(result.outcome).toBe('failed');
    expect(result.text).toContain('Exit code 1.');
    expect(result.text.length).toBeLessThan(20_100);
  });

  it('say so when they are run again after a crash', async () => {
    const result = await use('run_command', { command: 'true' }, { sandbox: answering([]) }, true);
    expect(result.text).toContain('run again');
  });
});

describe('the swarm', () => {
  it('is asked and told', async () => {
    const sent: unknown[] = [];
    const changes: Partial<ToolContext> = {
      toolCallId: 'm1',
      sendMessage: async (message) => void sent.push(message),
      searchKnowledge: async (query) => [
        { nodeId: 'n1', kind: 'decision', title: 'Use SQLite', text: query, score: 1 },
      ],
    };
    expect((await use('knowledge_search', { query: 'database' }, changes)).text).toBe(
      '[n1] decision: Use SQLite\ndatabase',
    );
    expect((await use('knowledge_search', { query: 'database' })).text).toContain('Nothing is known');
    expect(await use('send_message', { to: 'all', text: 'hello' }, changes)).toMatchObject({
      outcome: 'succeeded',
    });
    expect(sent).toEqual([{ to: 'all', text: 'hello', toolCallId: 'm1' }]);
  });
});
