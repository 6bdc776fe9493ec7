import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.parse>;

/**
 * Which addresses a webhook may go to. Whoever registers one names a URL, and the notifier asks it from inside: without this it
 * would be a way to everything that only this machine or network can reach.
 */
export interface AddressGuard {
  /** Whether the URL's host is let through by its name, whatever its addresses are. */
  allowsHost(host: string): boolean;
  /** Why this address is not asked; null when it is. */
  objection(address: string): string | null;
}

/** `2000::/3`: all that is given out for use on the internet. What else there is has a special meaning, now or some day. */
const globalUnicast: [Address, number] = ipaddr.parseCIDR('2000::/3');

/** @param allow hosts, addresses and networks that may be asked although they are not public */
export const addressGuard = (allow: readonly string[]): AddressGuard => {
  const networks = allow.flatMap(networkOf);
  const hosts = new Set(allow.map((place) => place.toLowerCase()));
  const isAllowed = (address: Address): boolean =>
    networks.some(([network, bits]) => network.kind() === address.kind() && address.match([network, bits]));

  return {
    allowsHost: (host) => hosts.has(host.toLowerCase()),
    objection: (text) => {
      const address = parsed(text);
      if (address === null) return `${text} is no address`;
      if (isAllowed(address)) return null;
      if (isPublic(address)) return null;
      return `${text} is not a public address (${address.range()})`;
    },
  };
};

/** An address that has another one in it (mapped, translated, tunnelled) is not looked into: nobody needs one. */
const isPublic = (address: Address): boolean =>
  address.range() === 'unicast' && (address.kind() === 'ipv4' || address.match(globalUnicast));

const parsed = (text: string): Address | null => (ipaddr.isValid(text) ? ipaddr.parse(text) : null);

const networkOf = (place: string): readonly [Address, number][] => {
  const text = unbracketed(place);
  if (ipaddr.isValidCIDR(text)) return [ipaddr.parseCIDR(text)];
  const address = parsed(text);
  return address === null ? [] : [[address, address.kind() === 'ipv4' ? 32 : 128]];
};

/** `[::1]`, as URLs have it, as an address. */
export const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/** The address that a URL names itself; null for a name that has to be looked up. */
export const literalAddress = (host: string): string | null => {
  const text = unbracketed(host);
  return ipaddr.isValid(text) ? text : null;
};
