export { type MortalSockets, mortalSockets } from './mortal-sockets.ts';
