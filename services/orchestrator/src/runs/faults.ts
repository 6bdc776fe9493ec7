export { isBlameless, isMendable } from '@partitura/shared/policies';
