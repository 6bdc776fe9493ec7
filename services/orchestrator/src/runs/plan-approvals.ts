/** The action of an approval that a plan waits for. */
export const acceptsPlan = 'accept_plan';

/** Each revision of a run's plan is asked about once. */
export const approvalOfPlan = (runId: string, planRevision: number): string => `${runId}.plan${planRevision}`;

/** The revision that `approvalOfPlan` made the id from. */
export const revisionOfApproval = (approvalId: string): number =>
  Number(approvalId.slice(approvalId.lastIndexOf('.plan') + '.plan'.length));
