import { isLost } from '@partitura/shared/replaying';

/** Content that is there and does not say what it should is of no more use than none. */
const isUnreadable = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'SyntaxError' || error.name === 'ZodError');

/**
 * Null for what the blob store does not have, or has no more as it was. That it cannot be asked is another matter: it will have it in a
 * moment.
 */
export const unlessLost = <Content>(reading: Promise<Content>): Promise<Content | null> =>
  reading.catch((error: unknown) => {
    if (isLost(error) || isUnreadable(error)) return null;
    throw error;
  });
