/** From the scheme to the last `@` before the path: what people put into a password is more than what a URL parser takes. */
const credentials = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@/;

/** A URL as it may be shown: who, but not with what password. Anything else stays as it is. */
export const withoutPassword = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  return value.replace(credentials, (_, scheme: string, user: string) => {
    const [name = ''] = user.split(':');
    return `${scheme}${name}${user.includes(':') ? ':••••' : ''}@`;
  });
};

/** The password of a URL, as it stands there and decoded: for whoever takes secrets out of a log. */
export const passwordsIn = (value: unknown): readonly string[] => {
  if (typeof value !== 'string') return [];
  const user = credentials.exec(value)?.[2] ?? '';
  const password = user.includes(':') ? user.slice(user.indexOf(':') + 1) : '';
  if (password === '') return [];
  try {
    return [...new Set([password, decodeURIComponent(password)])];
  } catch {
    // A lone "%": then it is meant as it stands.
    return [password];
  }
};
