export { knowledgeIndexContract, testEmbedder, testNode } from './contract.ts';
