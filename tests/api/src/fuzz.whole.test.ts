import { describeNonsense } from './suites/fuzz.ts';
import { startWorld } from './testing/world.ts';

describeNonsense(startWorld);
