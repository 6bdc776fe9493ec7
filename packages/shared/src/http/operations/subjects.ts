import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount, erasureReport, subjectDetailResource, subjectResource } from '../subject-resources.ts';
import { byId, nothing, paged, pageOf, read } from './shapes.ts';

const own = { owner: 'gateway', role: 'admin' } as const;

/** Found as whole words, so that fewer letters would be found in every text. */
const leastLetters = 3;
const wordless = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u;
const letters = /[\p{L}\p{N}]/gu;

const identifier = z
  .string()
  .trim()
  .max(200)
  // A quotation mark that is opened within JSON would end what it stands in.
  .refine((text) => !/["\\⟦⟧\p{Cc}]/u.test(text) && text.isWellFormed(), 'has characters that no name has')
  .refine(
    (text) => (text.match(letters)?.length ?? 0) >= (wordless.test(text) ? 2 : leastLetters),
    `needs at least ${leastLetters} letters or digits: shorter ones are part of everything`,
  );

export const declareSubjectBody = z.strictObject({
  label: z.string().trim().min(1).max(200).optional(),
  identifiers: z.array(identifier).min(1).max(50),
});

export const subjectOperations = {
  declareSubject: defineOperation({
    ...own,
    method: 'POST',
    path: '/subjects',
    summary: 'Declare somebody whose data can be erased.',
    description:
      'From the answer on, every occurrence of an identifier (in either case, as a whole word) in what is recorded for the organisation is sealed with a key of the subject’s own; who may read it sees it as before. What was recorded earlier stays as it is: `recorded` says how much of it holds an identifier. Neither identifiers nor label are ever in the log.',
    params: nothing,
    query: nothing,
    body: declareSubjectBody,
    result: z.strictObject({
      id: z.string(),
      position: z.string(),
      recorded: amount.nullable(),
    }),
    status: 201,
    privateBody: true,
  }),
  listSubjects: defineOperation({
    ...own,
    method: 'GET',
    path: '/subjects',
    summary: 'Whose data can be erased, and whose were.',
    params: nothing,
    query: paged,
    body: null,
    result: pageOf(subjectResource),
    status: 200,
  }),
  getSubject: defineOperation({
    ...own,
    method: 'GET',
    path: '/subjects/:id',
    summary: 'A subject, and how much of what is recorded is about it.',
    params: byId,
    query: read,
    body: null,
    result: subjectDetailResource,
    status: 200,
  }),
  eraseSubject: defineOperation({
    ...own,
    method: 'DELETE',
    path: '/subjects/:id',
    summary: 'Erase a subject’s data: its key is destroyed.',
    description:
      'With the key goes all that it sealed: the log, blobs, read models, indexes, exports and bundles have nothing but what nobody can open, and read as `[erased]`. Every hash stays valid. `recorded` counts what was in the clear before the subject was declared, and stays. Repositories are their owners’: what agents wrote into files there is not touched.',
    params: byId,
    query: nothing,
    body: null,
    result: erasureReport,
    status: 200,
  }),
};
