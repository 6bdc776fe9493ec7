export { openPorts, type Ports } from './ports.ts';
export { probeSandbox, type SandboxProbe } from './probe-sandbox.ts';
export { composeServices } from './services.ts';
export { type Standalone, type StandaloneOptions, startStandalone } from './standalone.ts';
