import { z } from 'zod';
import * as resource from '../resources.ts';
import { command, pageOf, paging, query, queryOf, read } from './shapes.ts';

export const approvalOperations = {
  grantApproval: command(
    '/approvals/:id/grant',
    'Say yes.',
    z.strictObject({ comment: z.string().max(2_000).default('') }),
  ),
  denyApproval: command(
    '/approvals/:id/deny',
    'Say no.',
    z.strictObject({ comment: z.string().max(2_000).default('') }),
  ),
  listApprovals: query(
    '/approvals',
    'What is asked of people.',
    z.strictObject({
      ...paging,
      status: z.enum(resource.approvalStatuses).optional(),
      runId: z.string().optional(),
    }),
    pageOf(resource.approvalResource),
  ),
  getApproval: queryOf('/approvals/:id', 'One question.', read, resource.approvalResource),
};
