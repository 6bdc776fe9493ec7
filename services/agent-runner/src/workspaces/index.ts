export type { Checkpoint, ProjectRepository, Workspaces, Worktree } from './port.ts';
export { type WorkspaceInternals, workspaces } from './workspaces.ts';
