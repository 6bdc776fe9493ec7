import {
  type AgentEvent,
  type AgentStep,
  type BlobReference,
  type CheckResult,
  noUsage,
  type Problem,
  type Usage,
} from '@partitura/shared/events';
import type { ModelAnswered, ModelRequested } from '@partitura/shared/models';

/** What a model is asked for in the course of an attempt. */
export const purposes = ['approach', 'act', 'reflection', 'criteria', 'review'] as const;
export type Purpose = (typeof purposes)[number];

/** A call whose intent is recorded and whose outcome is not. */
export interface OpenCall {
  readonly callId: string;
  readonly purpose: Purpose;
  readonly requested: ModelRequested['data'];
}

export interface AnsweredCall extends OpenCall {
  readonly answered: ModelAnswered['data'];
}

export interface ToolUse {
  readonly toolCallId: string;
  readonly tool: string;
  readonly arguments: BlobReference;
  readonly outcome: 'succeeded' | 'failed' | 'refused' | null;
  readonly result: BlobReference | null;
}

export type Verified = Extract<AgentEvent, { type: 'agent.verified' }>['data'];
export interface Message {
  readonly from: string;
  readonly text: string;
  readonly messageId: string;
}

/** An agent as its own stream tells it: enough to go on from after any event. */
export interface AgentState {
  readonly life: 'unborn' | 'working' | 'released' | 'finished';
  readonly runner: string | null;
  /** How often a runner took the attempt; the last time's number is the claim that stands. */
  readonly claims: number;
  readonly step: AgentStep;
  readonly cycle: number;
  readonly stepEntered: boolean;
  readonly workspace: { readonly branch: string; readonly baseCommit: string } | null;
  /** Calls made so far; the next one's id comes from it. */
  readonly calls: number;
  readonly openCall: OpenCall | null;
  readonly answered: AnsweredCall | null;
  /** What follows from the last answer is in the log too. */
  readonly digested: boolean;
  /** The last act call of this cycle that was answered: the next one goes on from its conversation. */
  readonly conversation: AnsweredCall | null;
  readonly turns: number;
  readonly tools: readonly ToolUse[];
  readonly toolCalls: number;
  /** What changed files since the last checkpoint, in order: it is in no commit, only in the work tree of whoever did it. */
  readonly uncommitted: readonly ToolUse[];
  /** How often a call had a result in this cycle, by their hashes. */
  readonly repeats: Readonly<Record<string, number>>;
  readonly loop: { readonly tool: string; readonly times: number } | null;
  readonly approach: BlobReference | null;
  readonly committedCycle: number;
  readonly commit: string | null;
  readonly reflection: string | null;
  readonly checks: readonly CheckResult[] | null;
  /** Of the cycle before, so that the next approach can be chosen by them. */
  readonly earlierChecks: readonly CheckResult[];
  readonly verified: Verified | null;
  readonly learnings: readonly string[];
  readonly learnedCycle: number;
  /** Why the last call gave no answer. */
  readonly failure: (Problem & { readonly purpose: Purpose }) | null;
  readonly repairs: number;
  readonly overflows: number;
  readonly outages: number;
  readonly waitUntil: string | null;
  readonly requestedAllowance: { readonly requestId: string } | null;
  readonly allowanceRequests: number;
  /** An operator interrupted, and the model has not been asked since. */
  readonly interrupted: boolean;
  readonly inbox: readonly Message[];
  /** Ids of messages that were received, so that one that comes twice is read once. */
  readonly received: readonly string[];
  readonly usage: Usage;
}

export const unborn = (): AgentState => ({
  life: 'unborn',
  runner: null,
  claims: 0,
  step: 'reason',
  cycle: 1,
  stepEntered: false,
  workspace: null,
  calls: 0,
  openCall: null,
  answered: null,
  digested: true,
  conversation: null,
  turns: 0,
  tools: [],
  toolCalls: 0,
  uncommitted: [],
  repeats: {},
  loop: null,
  approach: null,
  committedCycle: 0,
  commit: null,
  reflection: null,
  checks: null,
  earlierChecks: [],
  verified: null,
  learnings: [],
  learnedCycle: 0,
  failure: null,
  repairs: 0,
  overflows: 0,
  outages: 0,
  waitUntil: null,
  requestedAllowance: null,
  allowanceRequests: 0,
  interrupted: false,
  inbox: [],
  received: [],
  usage: noUsage,
});
