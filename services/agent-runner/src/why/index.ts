export { whyOperations } from './operations.ts';
