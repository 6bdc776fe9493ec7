import type { EventStore } from '@partitura/shared/event-store';
import { defaultOrganization } from '@partitura/shared/events';
import { type Clock, type Configuration, PartituraError } from '@partitura/shared/runtime';
import { type OidcSettings, oidcSettings } from './identity/oidc.ts';
import { isActive } from './identity/operations/key-operations.ts';
import { openOrganizations } from './identity/organizations.ts';

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

/** Who is let in, and how they prove who they are. */
export interface AccessSettings {
  /** What the server was started with: who has it owns the installation. */
  readonly apiKey: string | null;
  /** False: being on this machine is enough. */
  readonly keysRequired: boolean;
  readonly oidc: OidcSettings | null;
}

/** Whether being on this machine is not enough. */
export const asksForKeys = ({ host, auth }: Pick<Configuration, 'host' | 'auth'>): boolean =>
  auth === 'required' || !isLoopback(host);

/**
 * Where keys are asked for there has to be one: the one in the configuration, or one of the default organisation in the log.
 * @throws {PartituraError} `KEYS_REQUIRED`, `CONFIGURATION`
 */
export const accessSettings = async (
  configuration: Configuration,
  { store, clock }: { readonly store: EventStore; readonly clock: Clock },
): Promise<AccessSettings> => {
  const { apiKey } = configuration;
  const keysRequired = asksForKeys(configuration);
  const oidc = oidcSettings(configuration);
  if (keysRequired && apiKey === null && !(await hasKeys(store, clock))) throw noKeys(configuration);
  return { apiKey, keysRequired, oidc };
};

const hasKeys = async (store: EventStore, clock: Clock): Promise<boolean> => {
  const { keys } = await openOrganizations(store, clock).fresh(defaultOrganization);
  return [...keys.values()].some((key) => isActive(key, clock.now()));
};

const advice =
  'Make a key with `partitura key create --name … --role owner` on its data directory, or set PARTITURA_API_KEY to a long random one.';

const noKeys = ({ host, auth }: Configuration): PartituraError =>
  auth === 'required'
    ? new PartituraError('KEYS_REQUIRED', 'PARTITURA_AUTH asks for keys, and there is none.', { advice })
    : openHost(host);

const openHost = (host: string): PartituraError =>
  new PartituraError(
    'KEYS_REQUIRED',
    `The server does not listen on ${host} without API keys: whoever reaches it could run commands here.`,
    { advice: `${advice} Or listen on 127.0.0.1.` },
  );

/** @throws {PartituraError} `KEYS_REQUIRED` */
export const refuseOpenHost = (host: string, keysRequired: boolean): void => {
  if (!isLoopback(host) && !keysRequired) throw openHost(host);
};
