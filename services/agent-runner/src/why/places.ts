import type { EventStore } from '@partitura/shared/event-store';
import type { CallContext } from '@partitura/shared/http';
import { withoutCredentials } from '@partitura/shared/repositories';
import { PartituraError } from '@partitura/shared/runtime';
import { type ImportedBranches, importedReference } from '../bundles/imported-branches.ts';
import { commitAt, fetchBranch, head, isAncestor, tracking } from '../workspaces/clone.ts';
import type { ProjectRepository, Workspaces } from '../workspaces/index.ts';
import { ofType, projectWordsFor, runNotFound, runWordsFor } from './record.ts';

/** A commit of a project's repository, in the runner's own clone. */
export interface Place {
  readonly projectId: string;
  readonly runId: string | null;
  readonly branch: string | null;
  readonly commit: string;
  readonly repository: ProjectRepository;
  /** Why the clone may be behind the project's repository; null when it is not. */
  readonly behind: string | null;
}

/** A branch of a repository that somebody asks about. */
interface Subject {
  readonly projectId: string;
  readonly runId: string | null;
  readonly url: string;
  readonly branch: string;
  /** Where the branch ended, by the log; it may be gone. */
  readonly ended: string | null;
}

export interface PlaceDependencies {
  readonly store: EventStore;
  readonly workspaces: Pick<Workspaces, 'openProjectRepository'>;
  readonly imported: Pick<ImportedBranches, 'bringInto'>;
  /** Fetches on one clone come after each other: two at once fight for the lock of a branch. */
  readonly exclusively: <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;
}

type Reader = Pick<CallContext, 'organizationId'>;

/** @throws {PartituraError} `RUN_NOT_FOUND`, `RUN_WITHOUT_REPOSITORY` */
const ofRun = async ({ store }: PlaceDependencies, reader: Reader, runId: string): Promise<Subject> => {
  const words = await runWordsFor(store, reader, runId);
  if (words === null) throw runNotFound(runId);
  const [created] = ofType(words, 'run.created');
  if (created === undefined) throw runNotFound(runId);
  const { projectId, configuration } = created.data;
  const { repository, branch } = configuration;
  if (repository === null || branch === null)
    throw new PartituraError('RUN_WITHOUT_REPOSITORY', `Run ${runId} has no repository: it wrote no file.`);
  const ended = ofType(words, 'run.completed').at(-1)?.data.commit ?? null;
  return { projectId, runId, url: repository.url, branch, ended };
};

const ofProject = async (
  { store }: PlaceDependencies,
  reader: Reader,
  projectId: string,
): Promise<Subject> => {
  const words = await projectWordsFor(store, reader, projectId);
  const [created] = ofType(words, 'project.created');
  const { url, baseBranch } = created?.data.repository ?? { url: '', baseBranch: '' };
  return { projectId, runId: null, url, branch: baseBranch, ended: null };
};

/** A remote that does not answer must not keep anybody from what is here. */
const fetchPatienceMs = 10_000;

/** Brings the clone up to the project's repository, as far as that can be had; says why when it cannot. */
const refresh = async (
  repository: ProjectRepository,
  branch: string,
  signal: AbortSignal,
): Promise<string | null> => {
  try {
    const patience = AbortSignal.timeout(fetchPatienceMs);
    await fetchBranch(repository, branch, AbortSignal.any([signal, patience]));
    return null;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof PartituraError ? error.message : 'It did not answer in time.';
  }
};

/** Where the run worked, or, of one that was made elsewhere, where it came with. */
const oursOf = async (
  repository: ProjectRepository,
  { branch, runId }: Subject,
  signal: AbortSignal,
): Promise<string | null> => {
  const ours = await commitAt(repository, head(branch), signal);
  if (ours !== null || runId === null) return ours;
  return commitAt(repository, importedReference(runId, branch), signal);
};

/** The newer of what is here and what is there; where they parted, what is there: that is what people see. */
const tipOf = async (
  repository: ProjectRepository,
  subject: Subject,
  signal: AbortSignal,
): Promise<string | null> => {
  const { branch, ended } = subject;
  const ours = await oursOf(repository, subject, signal);
  const theirs = await commitAt(repository, tracking(branch), signal);
  if (ours !== null && theirs !== null)
    return (await isAncestor(repository, theirs, ours, signal)) ? ours : theirs;
  const known = theirs ?? ours;
  return known ?? (ended === null ? null : await commitAt(repository, ended, signal));
};

const gone = ({ url }: Subject, why: string): PartituraError =>
  new PartituraError(
    'REPOSITORY_NOT_FOUND',
    `The project’s repository ${withoutCredentials(url)} cannot be read, and there is no copy of it here: ${why}`,
    { advice: 'Bring it back to where it was, or ask on the machine that did the run.' },
  );

const noBranch = ({ url, branch, runId }: Subject): PartituraError =>
  new PartituraError(
    'BRANCH_NOT_FOUND',
    `${withoutCredentials(url)} has no branch "${branch}"${runId === null ? '' : `, where run ${runId} worked`}, and neither has the copy of it here.`,
    { advice: 'It was deleted, or never pushed. Name a commit that has what it had.' },
  );

const placeOf = async (
  { workspaces, exclusively, imported }: PlaceDependencies,
  subject: Subject,
  wanted: string | null,
  signal: AbortSignal,
): Promise<Place> => {
  const { projectId, runId, url, branch } = subject;
  const repository = await workspaces.openProjectRepository(projectId, url, signal);
  const place = { projectId, runId, branch, repository };
  if (runId !== null) await exclusively(repository.path, () => imported.bringInto(repository, runId, signal));
  // What a commit has does not change: what is here need not be asked for.
  const known = wanted === null ? null : await commitAt(repository, wanted, signal);
  if (known !== null) return { ...place, branch: null, commit: known, behind: null };
  const behind = await exclusively(repository.path, () => refresh(repository, branch, signal));
  const commit =
    wanted === null ? await tipOf(repository, subject, signal) : await commitAt(repository, wanted, signal);
  if (commit !== null) return { ...place, branch: wanted === null ? branch : null, commit, behind };
  if (behind !== null) throw gone(subject, behind);
  if (wanted === null) throw noBranch(subject);
  throw new PartituraError(
    'COMMIT_NOT_FOUND',
    `${withoutCredentials(url)} has no commit ${wanted} on "${branch}", and neither has the copy of it here.`,
    { advice: 'Push it there, or name one that is there.' },
  );
};

/** @throws {PartituraError} `BAD_COMMIT` */
const requireCommit = (given: string): string => {
  if (/^[0-9a-f]{7,64}$/i.test(given)) return given.toLowerCase();
  throw new PartituraError('BAD_COMMIT', `${JSON.stringify(given)} is no commit.`, {
    advice: 'Give its id, or the first seven digits of it at the least.',
  });
};

/**
 * What is to be looked at: the named commit, else the run's branch, else the project's base branch.
 * @throws {PartituraError} `BAD_COMMIT`, `BAD_REQUEST`, `RUN_NOT_FOUND`, `PROJECT_NOT_FOUND`, `RUN_WITHOUT_REPOSITORY`,
 * `REPOSITORY_NOT_FOUND`, `BRANCH_NOT_FOUND`, `COMMIT_NOT_FOUND`
 */
export const findPlace = async (
  dependencies: PlaceDependencies,
  reader: Reader,
  asked: {
    readonly runId?: string | undefined;
    readonly projectId?: string | undefined;
    readonly commit?: string | undefined;
  },
  signal: AbortSignal,
): Promise<Place> => {
  const { runId, projectId, commit } = asked;
  if (runId === undefined && projectId === undefined)
    throw new PartituraError('BAD_REQUEST', 'Name the run or the project whose file it is.', {
      problems: [{ path: 'runId', message: 'runId or projectId is needed' }],
    });
  const wanted = commit === undefined ? null : requireCommit(commit);
  const subject =
    runId === undefined
      ? await ofProject(dependencies, reader, projectId ?? '')
      : await ofRun(dependencies, reader, runId);
  if (projectId !== undefined && subject.projectId !== projectId) throw runNotFound(runId ?? '');
  return placeOf(dependencies, subject, wanted, signal);
};
