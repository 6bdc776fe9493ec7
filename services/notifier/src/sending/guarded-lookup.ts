import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressGuard } from './address-guard.ts';

/** Resolves a name to all its addresses. */
export type Resolve = (host: string, options: LookupAllOptions) => Promise<readonly LookupAddress[]>;

/** The address or name is one that nothing is sent to. */
export class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED';
}

export const systemResolve: Resolve = (host, options) =>
  new Promise((resolve, reject) => {
    systemLookup(host, options, (error, addresses) => {
      if (error) reject(error);
      else resolve(addresses);
    });
  });

/**
 * What a connection asks for the addresses of a name. It is connected to the very addresses that were looked at here, so a name
 * that says something else a moment later changes nothing. One address that is not public spoils the name: which of them is taken
 * is not ours to say.
 */
export const guardedLookup =
  (guard: AddressGuard, resolve: Resolve): LookupFunction =>
  (host, options, done) => {
    resolve(host, { ...options, all: true })
      .then((addresses) => allowed(host, addresses, guard))
      .then(
        (addresses) => {
          const [first] = addresses;
          if (options.all === true) done(null, [...addresses]);
          else if (first) done(null, first.address, first.family);
        },
        (error: unknown) => done(Error.isError(error) ? error : new Error(String(error)), ''),
      );
  };

const allowed = (
  host: string,
  addresses: readonly LookupAddress[],
  guard: AddressGuard,
): readonly LookupAddress[] => {
  if (addresses.length === 0) throw new AddressRefused(`${host} has no address`);
  if (guard.allowsHost(host)) return addresses;
  for (const { address } of addresses) {
    const why = guard.objection(address);
    if (why !== null) throw new AddressRefused(`${host}: ${why}`);
  }
  return addresses;
};
