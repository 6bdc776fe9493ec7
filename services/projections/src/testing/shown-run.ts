import { examples, operations, type RunStateResource } from '@partitura/shared/http';

/** The state of a run as the API's document shows it. */
export const exampleState = (): RunStateResource =>
  operations.getRunState.result.parse(examples.getRunState?.result);
