import type { EventStore } from '@partitura/shared/event-store';
import type { CallContext } from '@partitura/shared/http';
import { type Blamed, blameLine, requireFile } from './blame.ts';
import { commitNamed, commitsOf, type NamedCommit } from './commits.ts';
import type { ContextDependencies } from './context.ts';
import { requireFilePath } from './file-path.ts';
import { mergeOf } from './merges.ts';
import { findPlace, type Place, type PlaceDependencies } from './places.ts';
import { purposeOf } from './purpose.ts';
import { ofType, proofOf, runWordsFor, wordsOf } from './record.ts';
import type { ExplainedCommit, MissingLink, WhyResource } from './resource.ts';
import { isMissing, workOf } from './trail.ts';

export interface WhyDependencies extends PlaceDependencies, ContextDependencies {
  readonly store: EventStore;
}

export interface Asked {
  readonly runId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly commit?: string | undefined;
  readonly path: string;
  readonly line?: number | undefined;
}

type Reader = Pick<CallContext, 'organizationId'>;
type Chain = Omit<WhyResource, 'path' | 'line' | 'text' | 'looked' | 'commit' | 'commits' | 'notes'>;

const nothingKnown: Chain = {
  run: null,
  task: null,
  attempt: null,
  checkpoint: null,
  step: null,
  prompt: null,
  answer: null,
  memory: [],
  knowledge: [],
  merge: null,
  requirements: [],
  approvals: [],
  missing: [],
};

const explained = ({ parents: _, severalAttempts: __, ...commit }: NamedCommit): ExplainedCommit => commit;

/**
 * From a line to its commit, and from there through task, step, prompt and answer to what the PRD says. Whatever cannot be shown
 * is listed with the reason; the rest is shown all the same.
 * @throws {PartituraError} `BAD_PATH`, `BAD_LINE`, `FILE_NOT_FOUND`, and as `findPlace`
 */
export const explain = async (
  dependencies: WhyDependencies,
  reader: Reader,
  asked: Asked,
  signal: AbortSignal,
): Promise<WhyResource> => {
  const path = requireFilePath(asked.path);
  const place = await findPlace(dependencies, reader, asked, signal);
  const { repository, commit: tip } = place;
  await requireFile(repository, tip, path, signal);
  const commits = await commitsOf(repository, tip, path, signal);
  const { projectId, runId, branch } = place;
  const about = {
    path,
    looked: { projectId, runId, branch, commit: tip },
    commits: commits.map(explained),
  };
  const behind = behindNotes(place);
  if (asked.line === undefined)
    return { ...about, ...nothingKnown, line: null, text: null, commit: null, notes: behind };
  const blamed = await blameLine(repository, { commit: tip, path, line: asked.line }, signal);
  const commit = await commitNamed(repository, blamed.commit, signal);
  const chain = await chainOf(dependencies, reader, place, commit, blamed, signal);
  return {
    ...about,
    ...chain,
    line: asked.line,
    text: blamed.text,
    commit: { ...explained(commit), path: blamed.path, line: blamed.line },
    notes: [...behind, ...editedLater(commits, commit), ...resolvedConflict(chain)],
  };
};

const behindNotes = ({ behind }: Place): WhyResource['notes'] =>
  behind === null
    ? []
    : [
        {
          code: 'REPOSITORY_UNREACHABLE',
          detail: `This is what the copy of the repository has here; the repository itself cannot be read: ${behind}`,
        },
      ];

/** Commits come newest first. */
const editedLater = (commits: readonly NamedCommit[], { id }: NamedCommit): WhyResource['notes'] => {
  const at = commits.findIndex((commit) => commit.id === id);
  const later = (at < 0 ? [] : commits.slice(0, at)).filter(({ kind }) => kind === 'outside');
  return later.map(({ id: by, author, time }) => ({
    code: 'FILE_EDITED_LATER',
    detail: `${author} edited the file in ${by.slice(0, 12)} on ${time}, and left this line as it was.`,
  }));
};

const resolvedConflict = ({ task }: Chain): WhyResource['notes'] =>
  task?.conflict
    ? [
        {
          code: 'CONFLICT_RESOLVED',
          detail: `The line comes from bringing ${task.conflict.branch} together with the run’s branch: both had changed ${task.conflict.files.join(', ')}.`,
        },
      ]
    : [];

/** Why a commit leads no further; null when it does. */
const deadEnd = (commit: NamedCommit): MissingLink | null => {
  if (commit.attemptId !== null) return null;
  const short = commit.id.slice(0, 12);
  return commit.severalAttempts
    ? {
        link: 'attempt',
        code: 'COMMIT_OF_SEVERAL_ATTEMPTS',
        detail: `${commit.author} made ${short} of the commits of several attempts, so that nobody can tell whose the line is.`,
      }
    : {
        link: 'run',
        code: 'COMMIT_FROM_OUTSIDE',
        detail: `${commit.author} made ${short} on ${commit.time}; no run did.`,
      };
};

const chainOf = async (
  dependencies: WhyDependencies,
  reader: Reader,
  place: Place,
  commit: NamedCommit,
  blamed: Blamed,
  signal: AbortSignal,
): Promise<Chain> => {
  const end = deadEnd(commit);
  const { runId, taskId, attemptId } = commit;
  if (end !== null || runId === null || taskId === null || attemptId === null)
    return { ...nothingKnown, missing: end === null ? [] : [end] };
  const run = await runWordsFor(dependencies.store, reader, runId);
  const [created] = run === null ? [] : ofType(run, 'run.created');
  if (run === null || created === undefined)
    return {
      ...nothingKnown,
      missing: [
        {
          link: 'run',
          code: 'COMMIT_NAMES_UNKNOWN_RUN',
          detail: `The commit says that ${runId} made it, and there is no such run here.`,
        },
      ],
    };
  const { projectId, configuration } = created.data;
  const { model, rehearsal } = configuration;
  const named: Chain = {
    ...nothingKnown,
    run: { id: runId, projectId, model, rehearsal, event: proofOf(created) },
  };
  const words = await wordsOf(dependencies.store, 'agent', attemptId);
  const added = ofType(run, 'task.added').find(({ data }) => data.taskId === taskId);
  const work = await workOf(dependencies, { place, commit, blamed, run, words, taskId }, signal);
  const purpose = await purposeOf(dependencies.contents, run, added, taskId, work.checkpoint?.event.position);
  const merge = await mergeOf(dependencies.store, { runId, run, attemptId, lookedAt: place.runId });
  return {
    ...named,
    ...work,
    ...purpose,
    merge: isMissing(merge) ? null : merge,
    missing: [...work.missing, ...purpose.missing, ...(isMissing(merge) ? [merge] : [])],
  };
};
