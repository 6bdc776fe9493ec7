import { z } from 'zod';
import { modelPrice } from '../../models/prices/schema.ts';

/** Values as people write them: text in a variable or a flag, text or JSON in a file. The message completes "PARTITURA_X …". */

export const text = z.string('has to be text').trim().min(1, 'is empty');

export const wholeNumber = (least: number, most: number) => {
  const message = `has to be a whole number from ${least} to ${most}`;
  return z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], message)
    .pipe(z.int(message).min(least, message).max(most, message));
};

export const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, `has to be one of ${values.join(', ')}`);

export const hostName = text.regex(
  /^[A-Za-z0-9.:_-]+$/,
  'has to be a host name or an IP address, without a scheme or port',
);

export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'has to be a URL that begins with http:// or https://' })
  .transform((url) => url.replace(/\/+$/, ''));

/** Kept letter by letter: an issuer is compared with what tokens say, slash at the end or not. Plain http is for this machine. */
export const issuerUrl = z
  .url({ protocol: /^https?$/, error: 'has to be a URL that begins with https://' })
  .refine(
    (url) =>
      URL.canParse(url) && (new URL(url).protocol === 'https:' || isThisMachine(new URL(url).hostname)),
    'has to begin with https://: whoever is on the way could hand out keys of their own',
  );

const isThisMachine = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

export const modelName = text.regex(
  /^[a-z][a-z0-9-]*\/\S+$/,
  'has to name a provider and a model, as in anthropic/claude-sonnet-4-5',
);

/** `a/b, c/d` or a JSON list. */
export const modelNames = z
  .union(
    [text.transform((list) => list.split(',').map((name) => name.trim())), z.array(z.string())],
    'has to be a list of models',
  )
  .pipe(z.array(modelName));

const parsedJson = z.string().transform((json, context): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    context.issues.push({ code: 'custom', message: 'is not JSON', input: json });
    return z.NEVER;
  }
});

/** A JSON list of prices, as text in a variable or as it is in a file. */
export const modelPrices = z
  .union([z.array(z.unknown()), parsedJson])
  .pipe(z.array(modelPrice, 'has to be a list of prices'));

/** The URL of a port's adapter: its scheme picks the adapter. */
export const adapterUrl = (...schemes: readonly string[]) =>
  text.check((context) => {
    const scheme = /^([a-z][a-z0-9+.-]*):/.exec(context.value)?.[1];
    if (scheme !== undefined && schemes.includes(scheme)) return;
    const message = `has to begin with ${schemes.map((known) => `${known}:`).join(' or ')}`;
    context.issues.push({ code: 'custom', message, input: context.value });
  });

/** `http://a:4601, http://b:4601` or a JSON list: replicas of one service. */
export const serviceUrls = z
  .union(
    [text.transform((list) => list.split(',').map((url) => url.trim())), z.array(z.string())],
    'has to be a list of URLs',
  )
  .pipe(z.array(httpUrl));

const origin = text.refine(
  (value) =>
    URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) && new URL(value).origin === value,
  'has to name origins, as in https://console.example.com: no path, no wildcard',
);

/** `https://a.example, http://localhost:5173` or a JSON list: as a browser sends them. */
export const webOrigins = z
  .union(
    [text.transform((list) => list.split(',').map((one) => one.trim())), z.array(z.string())],
    'has to be a list of origins',
  )
  .pipe(z.array(origin));

/** What services prove to each other who they are with. */
export const serviceKey = text.min(32, 'has to have 32 characters or more, all of them random');

/** Secrets at rest are sealed with a key derived from it. */
export const secretKey = text.min(32, 'has to have 32 characters or more, all of them random');

/** The seed of an Ed25519 key. */
export const signingKey = text.regex(
  /^[0-9a-f]{64}$/,
  'has to have 64 characters from 0 to 9 and a to f, as openssl rand -hex 32 makes them',
);

/** `a1b2…, c3d4…` or a JSON list. */
export const fingerprints = z
  .union(
    [text.transform((list) => list.split(',').map((one) => one.trim())), z.array(z.string())],
    'has to be a list of fingerprints',
  )
  .pipe(z.array(text.regex(/^[0-9a-f]{40}$/, 'has to name fingerprints of 40 characters from 0 to f')));

/** `hooks.internal, 10.1.0.0/16` or a JSON list: hosts, addresses and networks. */
export const folders = z
  .union(
    [text.transform((list) => list.split(',').map((folder) => folder.trim())), z.array(z.string())],
    'has to be a list of folders',
  )
  .pipe(z.array(z.string().startsWith('/', 'has to have folders in it that begin with /')));

export const networkPlaces = z
  .union(
    [text.transform((list) => list.split(',').map((place) => place.trim())), z.array(z.string())],
    'has to be a list of hosts, addresses and networks',
  )
  .pipe(
    z.array(
      z.string().regex(/^[A-Za-z0-9.:_-]+(\/\d{1,3})?$/, 'has to have hosts, addresses or networks in it'),
    ),
  );
