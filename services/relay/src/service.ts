import type { Service } from '@partitura/shared/runtime';
import { type RelayingDependencies, relaying } from './relaying/relaying.ts';

export type { RelayingDependencies } from './relaying/relaying.ts';

/**
 * Hands what is recorded on to the bus: the only way into it, so that nothing is written twice. Of several replicas one relays and
 * the others stand by. Owns no streams.
 */
export const relayService = (dependencies: RelayingDependencies): Service => {
  const { component, health } = relaying(dependencies);
  return { name: 'relay', operations: {}, components: [component], health: [health] };
};
