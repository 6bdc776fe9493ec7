export { PartituraError } from './errors.ts';
export type { Clock, Ids, Randomness } from './ports.ts';
export type { Component, HealthCheck, Service } from './service.ts';
