import type { Examples } from './example.ts';
import { of, pageOf, positions } from './samples.ts';

const id = 'sub_3f9a0c1d2e4b';
const subject = {
  id,
  status: 'declared' as const,
  label: 'customer 4711',
  identifiers: 2,
  declaredAt: '2026-03-02T08:00:00.000Z',
  erasedAt: null,
};
const recorded = { events: 0, blobs: 0 };
const sealed = { events: 14, blobs: 9 };

export const subjectExamples = {
  declareSubject: {
    body: { label: 'customer 4711', identifiers: ['Ada Lovelace', 'ada@example.org'] },
    result: { id, position: positions.now, recorded },
  },
  listSubjects: { result: pageOf(subject) },
  getSubject: { params: of(id), result: { ...subject, sealed, recorded } },
  eraseSubject: {
    params: of(id),
    result: { id, position: positions.now, sealed, recorded, repositories: 'not touched' as const },
  },
} satisfies Examples;
