export { seededRandomness, sequentialIds } from './chance.ts';
export { type VirtualClock, type VirtualClockOptions, virtualClock } from './virtual-clock.ts';
