export { probeSandbox, type SandboxProbe } from './probe-sandbox.ts';
export { type Standalone, type StandaloneOptions, startStandalone } from './standalone.ts';
