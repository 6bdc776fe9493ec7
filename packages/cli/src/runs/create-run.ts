import { rm } from 'node:fs/promises';
import type { ApiClient, ClientInput } from '@partitura/shared/http';
import type { ChosenRepository } from '../input/choose-repository.ts';
import type { GivenPrd } from '../input/read-prd.ts';

export type RunSettings = NonNullable<ClientInput<'startRun'>['body']>;

export interface CreatedRun {
  readonly id: string;
  readonly projectId: string;
  /** Where the run is in the log: read models that follow from afar may not have come to it yet. */
  readonly position: string;
}

/** A project with a run. When that is refused, a repository that was made for it goes again. */
export const createRun = async (
  client: ApiClient,
  prd: GivenPrd,
  repository: ChosenRepository,
  settings: RunSettings,
): Promise<CreatedRun> => {
  await repository.make?.();
  try {
    const { url, baseBranch } = repository;
    const project = await client.call('createProject', {
      body: { prd: { name: prd.name, text: prd.text }, repository: { url, baseBranch } },
    });
    const { id, position } = await client.call('startRun', { params: { id: project.id }, body: settings });
    return { id, projectId: project.id, position };
  } catch (error) {
    if (repository.make !== null) await rm(repository.url, { recursive: true, force: true });
    throw error;
  }
};
