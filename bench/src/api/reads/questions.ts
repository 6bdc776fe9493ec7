import { runs } from './fill.ts';

export interface Question {
  readonly kind: string;
  readonly path: string;
}

interface Page {
  readonly nextCursor: string | null;
}

const pagesDeep = 20;
const things = ['links', 'visits', 'tokens', 'queues', 'invoices', 'exports', 'sessions', 'images'];
const ways = ['are checked twice', 'expire in an hour', 'never leave the region', 'are counted by day'];
const noted = 200;

/** Says things that searches find. */
const say = async (url: string): Promise<void> => {
  for (let index = 0; index < noted; index += 1) {
    const [thing, way] = [things[index % things.length], ways[Math.floor(index / 8) % ways.length]];
    const body = {
      projectId: `p_${index % runs}`,
      kind: 'pattern',
      content: `In part ${index}, ${thing} ${way}.`,
    };
    const answer = await fetch(`${url}/knowledge/nodes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`It was not taken in: ${await answer.text()}`);
  }
};

const pageOf = async (url: string): Promise<Page> => (await (await fetch(url)).json()) as Page;

/** The page before which so many lie, with 50 on each. */
const deepIn = async (url: string, path: string): Promise<string> => {
  let deep = path;
  for (let page = 0; page < pagesDeep; page += 1) {
    const { nextCursor } = await pageOf(`${url}${deep}`);
    if (nextCursor === null) break;
    deep = `${path}?cursor=${encodeURIComponent(nextCursor)}`;
  }
  return deep;
};

/** What is asked again and again, in turns. */
export const questionsFor = async (url: string): Promise<readonly Question[]> => {
  await say(url);
  const agents = await deepIn(url, '/agents');
  const questions: Question[] = [];
  for (let run = 0; run < runs; run += 1) {
    const q = encodeURIComponent(`${things[run % things.length]} ${ways[run % ways.length]}`);
    const within = run % 2 === 0 ? '' : `&projectId=p_${run}`;
    questions.push(
      { kind: 'run', path: `/runs/r_${run}` },
      { kind: 'tasks', path: `/runs/r_${run}/tasks` },
      { kind: 'history', path: await deepIn(url, `/runs/r_${run}/history`) },
      { kind: 'agents', path: run % 2 === 0 ? '/agents' : agents },
      { kind: 'search', path: `/knowledge/search?q=${q}${within}` },
    );
  }
  return questions;
};
