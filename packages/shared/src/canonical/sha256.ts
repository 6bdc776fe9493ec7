import { hash } from 'node:crypto';

/** SHA-256 in hex. `crypto.hash` takes one call where `createHash` takes three and an object: half the time on 400 bytes. */
export const sha256 = (content: string | Uint8Array): string => hash('sha256', content, 'hex');
