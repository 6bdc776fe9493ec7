/** What follows from a model error. Codes are those of `ModelErrorCode`; one that is not known ends the attempt. */

/** The model is there and says: later. Waited out, however long; it never counts against the attempt. */
export const isRateLimit = (code: string): boolean =>
  code === 'MODEL_RATE_LIMITED' || code === 'MODEL_OVERLOADED';

/** No model could be reached, or it broke off. Waited out too, but not for ever. */
export const isOutage = (code: string): boolean =>
  code === 'MODEL_UNAVAILABLE' || code === 'MODEL_STREAM_CUT';

/** Another, stronger model or a person might get further. */
export const isWorthEscalating = (code: string): boolean =>
  code === 'MODEL_CONTEXT_OVERFLOW' || code === 'MODEL_INVALID_ANSWER' || code === 'MODEL_REFUSED';
