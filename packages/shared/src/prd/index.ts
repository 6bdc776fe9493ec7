export { checkPrd, maximumPrdBytes } from './check-prd.ts';
export { type PrdQuestion, type PrdStatement, type ReadPrd, readPrd } from './read-prd.ts';
