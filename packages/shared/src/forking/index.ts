export { asOfHere, type Forked } from './imported-forks.ts';
export { inheritedEvents } from './inherited-events.ts';
export { isForked, type Origin, originIn, originOf } from './origins.ts';
export { pastOf, readWithPast } from './past.ts';
export { type InheritedEvent, isInherited, type Translation, translation } from './translation.ts';
