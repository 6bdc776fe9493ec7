import { describeOtherDoors } from './suites/other-doors.ts';
import { startWorld } from './testing/world.ts';

describeOtherDoors(startWorld);
