export { acyclicPlan, layeredPlan, workTask } from './tasks.ts';
