import { describeIsolation } from './suites/isolation.ts';
import { startWorld } from './testing/world.ts';

describeIsolation(startWorld);
