import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PartituraError } from '@partitura/shared/runtime';
import { parseSync } from '@swc/core';
import { isListed, knownError, statusOf } from './errors.ts';

const root = join(import.meta.dirname, '../../..');

const stringsIn = (node: unknown): string[] => {
  if (Array.isArray(node)) return node.flatMap(stringsIn);
  if (typeof node !== 'object' || node === null) return [];
  if (Reflect.get(node, 'type') === 'StringLiteral') return [String(Reflect.get(node, 'value'))];
  return Object.values(node).flatMap(stringsIn);
};

const answering = 'services/{orchestrator,planner,knowledge,projections,notifier,gateway}/src/**/*.ts';

/** Whatever is written in the sources of who answers an operation, and looks like a code. */
const codesInSources = (): Set<string> => {
  const files = globSync([answering, 'packages/shared/src/**/*.ts'], { cwd: root }).filter(
    (file) => !/\.test\.ts$|\/testing\//.test(file) && !notOfRequests.test(file),
  );
  const strings = files.flatMap((file) =>
    stringsIn(parseSync(readFileSync(join(root, file), 'utf8'), { syntax: 'typescript' }).body),
  );
  return new Set(strings.filter((text) => /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(text)));
};

/** What is at work before or beside requests: starting, following, building, agents, plans that a model wrote. */
const notOfRequests =
  /\/(configuration|event-bus|job-queue|sandbox|agents|model-errors|recording|hosting\/process)\/|\/http\/(client|event-feed)\.ts$|services\/planner\/src\/(requirements|architecture|decomposition|answers|phase|replay|run)\/|exports\/formats\/|shared\/src\/(models|planning)\//;

/** Looks like a code, and is something else: names of variables of the environment, of engines' own errors, of headers, of a protocol of GraphQL. */
const otherNames =
  /^(PARTITURA|XDG|GIT_(ASKPASS|CONFIG|SSH|SSL))_|^(SSH_AUTH_SOCK|NO_PROXY|ALL_PROXY|HTTPS?_PROXY|EAI_AGAIN|WHEN_REQUIRED|(CURL|SSL)_\w+|FST_\w+|HPE_\w+|ERR_\w+|MER_ERR_\w+|PERSISTED_QUERY_\w+)$|_(HOME|ROOT|PATH)$/;

/** Said in events and jobs, of attempts, plans and deliveries: no request is answered with them. */
const saidInEvents = new Set([
  'ADDRESS_REFUSED',
  'CONFLICT_NOT_RESOLVED',
  'DANGLING_DEPENDENCY',
  'DANGLING_PARENT',
  'DUPLICATE_TASK_KEY',
  'GROUP_WITHOUT_WORK',
  'KIND_NOT_PLANNED',
  'MERGE_CONFLICT',
  'MODEL_UNAVAILABLE',
  'NOTHING_PROPOSED',
  'NOT_REACHED',
  'NO_WORK',
  'PARENT_CYCLE',
  'PARENT_OF_WRONG_KIND',
  'PAUSED_PAST_DEADLINE',
  'PLAN_CYCLE',
  'PLAN_DENIED',
  'REPLAN_OVERTAKEN',
  'REQUIREMENT_NOT_SERVED',
  'TASKS_DEAD_LETTERED',
  'TASK_REJECTED',
  'TASK_CYCLE',
  'TASK_TIMEOUT',
  'TIMED_OUT',
  'VERIFICATION_FAILED',
]);

describe('every code', () => {
  it('that an answer can have has its status', () => {
    const missing = [...codesInSources()].filter(
      (code) => !otherNames.test(code) && !saidInEvents.has(code) && !isListed(code),
    );
    // Give each a status in errors.ts: 500 and its like for what is nobody's fault but ours.
    expect(missing).toEqual([]);
  });

  it('that stands nowhere is a defect, of which nothing is told', () => {
    expect(statusOf('SOMETHING_ELSE')).toBe(500);
    expect(knownError(new PartituraError('SOMETHING_ELSE', 'The password is hunter2.'))).toBeNull();
  });

  it.each([
    ['RUN_ENDED', 409],
    ['MODEL_NOT_FOUND', 422],
    ['BASE_BRANCH_NOT_FOUND', 422],
    ['WEBHOOK_NOT_FOUND', 404],
    ['STORE_UNREACHABLE', 503],
    ['UNKNOWN_INDEX', 500],
    ['UNKNOWN_WORKFLOW', 422],
    ['BAD_CURSOR', 400],
  ])('%s: %d', (code, status) => {
    expect(statusOf(code)).toBe(status);
  });
});
