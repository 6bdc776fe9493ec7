import { describeContract } from './suites/contract.ts';
import { startWorld } from './testing/world.ts';

describeContract(startWorld);
