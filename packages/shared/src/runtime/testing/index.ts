export { seededRandomness } from '../chance.ts';
export { sequentialIds } from './chance.ts';
export { type Deferred, deferred, type Recorder, recorder } from './recorder.ts';
export { type VirtualClock, type VirtualClockOptions, virtualClock } from './virtual-clock.ts';
