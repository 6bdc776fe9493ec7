import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRepository } from '@partitura/shared/repositories';

/** Where a test's program works, and for whom. */
export interface Places {
  readonly data: string;
  readonly repository: string;
  readonly prdFile: string;
  remove(): Promise<void>;
}

/** As short as a PRD can be; its plan has several tasks all the same. */
export const shortPrd = `# Notes

A page on which a team keeps notes.

## Requirements
- FR-1: A user can create a note with a title and a text, and list all notes.
`;

export const makePlaces = async (prd = shortPrd): Promise<Places> => {
  const root = await mkdtemp(join(tmpdir(), 'partitura-whole-'));
  const repository = join(root, 'repository');
  await createRepository(repository, {
    files: { 'README.md': '# Notes\n' },
    message: 'Begin',
    identity: { name: 'A person', email: 'person@example.com' },
  });
  const prdFile = join(root, 'PRD.md');
  await writeFile(prdFile, prd);
  return {
    data: join(root, 'data'),
    repository,
    prdFile,
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
};
