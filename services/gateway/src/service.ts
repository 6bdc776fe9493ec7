export type { LiveText } from './events/event-routes.ts';
export { apiPrefix, type Gateway, type GatewayOptions, gatewayServer } from './gateway-server.ts';
export { type HttpCaller, type HttpCallerOptions, httpCaller } from './http-caller.ts';
export { hookSecrets } from './inbound/register-hooks.ts';
export { type AccessSettings, accessSettings, asksForKeys } from './listening.ts';
export { type CallInput, inProcessCaller, type OperationCaller } from './operation-caller.ts';
export type { Problem } from './problem.ts';
