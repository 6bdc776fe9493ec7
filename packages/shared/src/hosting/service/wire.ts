import { z } from 'zod';
import { asOrganizationId } from '../../events/index.ts';
import { PartituraError } from '../../runtime/index.ts';

/** An operation on its way from the gateway to its owner: the gateway has checked the input with the operation's own schemas. */
export const operationCall = z.strictObject({
  params: z.unknown(),
  query: z.unknown(),
  body: z.unknown(),
  context: z.strictObject({
    actor: z.string(),
    organizationId: z.string().transform(asOrganizationId).nullable(),
    ownsInstallation: z.literal(true).optional(),
    correlationId: z.string(),
    commandId: z.string(),
    expectedRevision: z.int().nullable(),
  }),
});
export type OperationCall = z.infer<typeof operationCall>;

/** An error of ours on its way back. */
export const operationFailure = z.object({
  code: z.string(),
  message: z.string(),
  advice: z.string().nullable(),
  problems: z.array(z.object({ path: z.string(), message: z.string() })),
});
export type OperationFailure = z.infer<typeof operationFailure>;

export const failureOf = ({ code, message, advice, problems }: PartituraError): OperationFailure => ({
  code,
  message,
  advice,
  problems: [...problems],
});

export const errorOf = ({ code, message, advice, problems }: OperationFailure): PartituraError =>
  new PartituraError(code, message, { problems, ...(advice === null ? {} : { advice }) });

/** The owner refused: its error is the answer. Any other status is about the way there. */
export const refusedStatus = 422;

export const operationPath = (name: string): string => `/operations/${name}`;
