export { type Happening, type RunStoryOptions, recorded, runStory, tellStore } from './run-story.ts';
