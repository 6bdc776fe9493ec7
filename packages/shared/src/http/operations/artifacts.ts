import * as resource from '../resources.ts';
import { queryOf, read } from './shapes.ts';

export const artifactOperations = {
  getArtifact: queryOf('/artifacts/:id', 'What is known of an artifact.', read, resource.artifactResource),
};
