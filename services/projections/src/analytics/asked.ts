import type { AnalyticsDimension, AnalyticsQuery } from '@partitura/shared/http';

/** A question as the figures need it. */
export interface Asked {
  /** ISO 8601 UTC, in full; null for no bound. */
  readonly since: string | null;
  readonly until: string | null;
  readonly dimensions: readonly AnalyticsDimension[];
  readonly projectId?: string | undefined;
  readonly runId?: string | undefined;
  readonly model?: string | undefined;
  readonly agentType?: string | undefined;
  readonly phase?: string | undefined;
  readonly workflow?: string | undefined;
}

/** Times are compared as they are written: "10:00:00Z" would come after "10:00:00.500Z". */
const inFull = (moment: string | undefined): string | null =>
  moment === undefined ? null : new Date(moment).toISOString();

export const askedIn = ({ since, until, groupBy, ...filters }: AnalyticsQuery): Asked => ({
  ...filters,
  since: inFull(since),
  until: inFull(until),
  // The schema let nothing else through; a dimension that is named twice is one.
  dimensions: [...new Set(groupBy?.split(','))] as AnalyticsDimension[],
});
