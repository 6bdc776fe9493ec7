import type { Assignment } from './assignment.ts';
import type { Conventions } from './conventions.ts';
import { documentFiles } from './documents.ts';
import { entityModule, featureModule } from './javascript/module.ts';
import { wholeTest } from './javascript/whole.ts';
import type { Material } from './material.ts';
import { pythonWriting } from './python/module.ts';
import { scaffoldFiles, testCommandOf } from './scaffold.ts';
import type { Writing, WrittenFile } from './written.ts';

/** Everything a task is to write, in full. The same material gives the same bytes. */
export const writingFor = (
  assignment: Assignment,
  material: Material,
  conventions: Conventions,
  broken: boolean,
): Writing => {
  switch (assignment.kind) {
    case 'scaffold':
      return {
        files: scaffoldFiles(material, conventions),
        testCommand: testCommandOf(conventions),
        exported: [],
      };
    case 'documents':
      return { files: documentFiles(material, conventions), testCommand: null, exported: [] };
    case 'reading':
    case 'conflict':
      return { files: [], testCommand: null, exported: [] };
    case 'entity':
    case 'module':
    case 'whole':
      return conventions.language === 'python'
        ? pythonWriting(assignment, material, broken)
        : javascriptWriting(assignment, material, conventions, broken);
  }
};

type ModuleAssignment = Extract<Assignment, { module: string }>;

const javascriptWriting = (
  assignment: ModuleAssignment,
  material: Material,
  { extension, suffix, ownManifest }: Extract<Conventions, { language: 'javascript' }>,
  broken: boolean,
): Writing => {
  const testPath = `test/${assignment.module}.${suffix}.${extension}`;
  // By path rather than `npm test` where the manifest is somebody else's and knows nothing of this test.
  const testCommand = ownManifest ? 'npm test' : `node --test ${testPath}`;
  if (assignment.kind === 'whole') {
    const content = wholeTest(material.requirements, extension, '../../');
    return { files: [{ path: testPath, content }], testCommand, exported: [] };
  }
  const order = {
    title: material.task?.title ?? assignment.module,
    requirements: material.requirements,
    importPath: `../../src/${assignment.module}.${extension}`,
    broken,
  };
  const written =
    assignment.kind === 'entity' ? entityModule({ ...order, ...assignment }) : featureModule(order);
  const files: WrittenFile[] = [
    { path: `src/${assignment.module}.${extension}`, content: written.source },
    { path: testPath, content: written.test },
  ];
  return { files, testCommand, exported: written.exported };
};
