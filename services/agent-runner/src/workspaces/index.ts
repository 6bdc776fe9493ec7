export type { Checkpoint, ProjectRepository, Workspaces, Worktree } from './port.ts';
