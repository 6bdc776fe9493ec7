import type { Question, Requirement } from '../../planning/plan-document.ts';
import type { ReadPrd } from '../../prd/index.ts';
import { short } from './naming.ts';

/** More questions than this nobody answers before a run. */
const most = 12;

interface Doubt {
  readonly pattern: RegExp;
  /** A figure in the sentence settles it. */
  readonly settledByFigure: boolean;
  readonly ask: (word: string) => string;
  readonly assumption: string;
}

const doubts: readonly Doubt[] = [
  {
    pattern: /\bTB[DCA]\b|\bTODO\b|\?\?+|to be (?:decided|defined|determined|confirmed)/i,
    settledByFigure: false,
    ask: (word) => `leaves something open (“${word}”): what is to be there?`,
    assumption: 'The simplest thing that works is built and kept easy to replace.',
  },
  {
    pattern: /\betc\b\.?|and so on|and more\b|such as\b.*\betc|\.\.\.$|…$/i,
    settledByFigure: false,
    ask: (word) => `ends in “${word}”: what else belongs to it?`,
    assumption: 'Only what is named is built.',
  },
  {
    pattern:
      /\b(?:fast(?:er)?|quick(?:ly)?|responsive|performant|instant(?:ly)?|real[- ]time|low[- ]latency|snappy|efficient(?:ly)?)\b/i,
    settledByFigure: true,
    ask: (word) => `says “${word}”: how many milliseconds, and at what load?`,
    assumption: '200 ms at the 95th percentile with one user at a time.',
  },
  {
    pattern:
      /\b(?:scal(?:e|able|ability|es)|high[- ]volume|large[- ]scale|many users|lots of|huge|massive)\b/i,
    settledByFigure: true,
    ask: (word) => `says “${word}”: how many users, records or requests per second?`,
    assumption: 'One process, a thousand users, a million records.',
  },
  {
    pattern:
      /\b(?:user[- ]friendly|intuitive|easy(?: to use)?|simple|seamless(?:ly)?|beautiful|modern|clean|nice|friendly|elegant|pleasant)\b/i,
    settledByFigure: true,
    ask: (word) => `says “${word}”: how will somebody see that it is?`,
    assumption: 'A newcomer gets through the main flow without help.',
  },
  {
    pattern: /\b(?:secure(?:ly)?|safe(?:ly)?|privacy|compliant|protected)\b/i,
    settledByFigure: true,
    ask: (word) => `says “${word}”: against whom, and by which standard?`,
    assumption: 'Input is checked, secrets stay out of code and logs, and only owners see their data.',
  },
  {
    pattern: /\b(?:reliabl[ey]|robust|highly available|fault[- ]tolerant|resilient|stable)\b/i,
    settledByFigure: true,
    ask: (word) => `says “${word}”: how much downtime or loss is acceptable?`,
    assumption: 'A restart loses nothing that was acknowledged.',
  },
  {
    pattern:
      /\b(?:some|several|various|multiple|a few|appropriate|suitable|reasonable|as needed|if necessary|where possible|configurable)\b/i,
    settledByFigure: true,
    ask: (word) => `says “${word}”: which, or how many?`,
    assumption: 'What is named, with defaults that can be changed in one place.',
  },
];

export const questionsAbout = (read: ReadPrd, requirements: readonly Requirement[]): Question[] => {
  const own = read.questions.map(({ text, line }) => ({
    text: `${short(text, 300)} (open in the PRD, line ${line})`,
    assumption: 'Undecided: the choice is kept behind one module so that it can change.',
    requirementIds: [],
  }));
  const doubtful = requirements.filter(({ kind }) => kind !== 'constraint').flatMap(doubtAbout);
  const questions = [...own, ...doubtful].slice(0, most);
  const figures = requirements.some(({ kind, text }) => kind === 'quality' && /\d/.test(text));
  if (!figures && questions.length < most) {
    questions.push({
      text: 'The PRD gives no figures for load, speed or availability: what has to hold?',
      assumption: 'One process on one machine; answers within 200 ms.',
      requirementIds: [],
    });
  }
  return questions.map((question, index) => ({ id: `Q${index + 1}`, ...question }));
};

const doubtAbout = (requirement: Requirement): Omit<Question, 'id'>[] => {
  const { id, text, line } = requirement;
  const hasFigure = /\d/.test(text);
  for (const { pattern, settledByFigure, ask, assumption } of doubts) {
    const word = pattern.exec(text)?.[0];
    if (word === undefined || (settledByFigure && hasFigure)) continue;
    return [{ text: `${id} (line ${line}) ${ask(short(word, 40))}`, assumption, requirementIds: [id] }];
  }
  return [];
};
