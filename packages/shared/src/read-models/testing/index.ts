export { type ReadModelsUnderTest, readModelsContract } from './read-models-contract.ts';
