/**
 * BullMQ takes a whole number for an id of its own and a colon for the end of one, so an id is written in another way there.
 * The prefix keeps it apart from the keys that a queue has besides.
 */
export const jobKey = (id: string): string => `job.${encodeURIComponent(id.toWellFormed())}`;

/** A queue's name, as part of a key. */
export const queueKey = (name: string): string => encodeURIComponent(name.toWellFormed());

/** What is stored with a job. */
export interface JobData {
  readonly id: string;
  readonly payload: unknown;
}
