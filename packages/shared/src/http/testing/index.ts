export { type Happening, recorded, tellStore } from './happenings.ts';
export { type RunStoryOptions, runStory } from './run-story.ts';
