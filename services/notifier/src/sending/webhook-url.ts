import { PartituraError } from '@partitura/shared/runtime';
import { type AddressGuard, literalAddress } from './address-guard.ts';

/**
 * Looks at a URL before anything is sent there. A name is looked at again each time it is connected to, with the addresses that it
 * then has.
 * @throws {PartituraError} `BAD_WEBHOOK_URL`
 */
export const requireWebhookUrl = (text: string, guard: AddressGuard): string => {
  const url = URL.parse(text);
  if (url === null) throw bad('is not a URL');
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw bad('has to begin with https:// or http://');
  if (url.username !== '' || url.password !== '') throw bad('has credentials in it');
  const why = hostObjection(url.hostname, guard);
  if (why !== null) throw bad(`names a place that webhooks do not go to: ${why}`);
  return url.href;
};

/** What can be said against a host without looking its name up. */
export const hostObjection = (host: string, guard: AddressGuard): string | null => {
  if (guard.allowsHost(host)) return null;
  const literal = literalAddress(host);
  if (literal !== null) return guard.objection(literal);
  return /(^|\.)localhost\.?$/i.test(host) ? guard.objection('127.0.0.1') : null;
};

const bad = (what: string): PartituraError =>
  new PartituraError('BAD_WEBHOOK_URL', `The URL ${what}.`, {
    problems: [{ path: 'body.url', message: what }],
    advice: 'Places that are not public are allowed one by one, with PARTITURA_WEBHOOK_ALLOW.',
  });
