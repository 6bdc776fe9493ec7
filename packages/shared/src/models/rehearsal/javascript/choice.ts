import type { Requirement } from '../../../planning/plan-document.ts';
import { endpoint, namesEndpoint, notify, redirect, view } from './exchanges.ts';
import { change, collect, count, page, remove, search, write } from './records.ts';
import { code, expire, hasThreshold, limit, measure, permit, rule, state, validate } from './rules.ts';
import type { Template } from './template.ts';

/** By what the sentence says, the telling before the common. */
const choices: readonly (readonly [RegExp, Template])[] = [
  [/\bredirect/i, redirect],
  [/rate[- ]?limit|throttl|\bper (?:second|minute|hour|day)\b|quota|no more than \d|at most \d/i, limit],
  [
    /\bexpir|time[- ]?out|\bttl\b|retention|\bafter \d+ (?:second|minute|hour|day|week|month|year)|deadline/i,
    expire,
  ],
  [
    /(?:unique|random|short|generat).{0,40}\b(?:code|id|identifier|slug|key|token|alias)s?\b|\bcodes?\b.{0,40}(?:unique|random|generat)/i,
    code,
  ],
  [/\bvalid|\breject|\brefus|malformed|sanit|\bformat of\b|not accept|only accept/i, validate],
  [
    /log ?in|sign[- ]?in|authent|authori[sz]|permission|\broles?\b|password|api keys?|\brbac\b|\bsso\b|private|only (?:the|its|an?) \w+ (?:can|may)/i,
    permit,
  ],
  [/notif|e-?mails?\b|\balert|remind|webhook|\bsends?\b|publish|messag|broadcast/i, notify],
  [/\bexport|download|\bcsv\b|\bbackup|\bprint/i, write],
  [/\bsearch|\bfilter|\bfinds?\b|look(?:s|ed)? up|\bquer(?:y|ies)|\bsort/i, search],
  [
    /\bcount|statistic|analytic|\bmetrics?\b|\busage\b|\btrack|\btotals?\b|number of|how (?:many|often)/i,
    count,
  ],
  [
    /\bpages?\b|dashboard|\bscreen|\bbutton|\bform\b|\bui\b|layout|\bviews?\b|\bdisplay|\bshows?\b|render/i,
    view,
  ],
  [
    /\bpause|\bresume|\bstart|\bstop|workflow|lifecycle|\bstatus\b|\bstate\b|approv|transition|retr(?:y|ies)|complete[sd]?\b/i,
    state,
  ],
  [/\bdelet|\bremov|\bcancel|\barchiv|revok|unsubscrib|\berase/i, remove],
  [/\bedit|\bupdat|\brenam|\bchang|configur|customi[sz]|\bassign|\bset\b|preference/i, change],
  [/\blists?\b|\bbrowse|\bsee\b|overview|paginat|histor|\bread\b/i, page],
  [
    /\bcreat|\badd|\bregist|\bsubmit|\bupload|\bsav(?:e|es|ing)\b|\bstor(?:e|es|ing|age)\b|\brecord|\bimport|\binvit|sign[- ]?up|\bposts?\b|\bpersist|\bkeep/i,
    collect,
  ],
];

/** The template that comes nearest to what the requirement says. */
export const templateFor = ({ text, kind }: Requirement): Template => {
  if (namesEndpoint(text)) return endpoint;
  if (kind === 'quality' && hasThreshold(text)) return measure;
  return choices.find(([pattern]) => pattern.test(text))?.[1] ?? rule;
};
