import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { answerParent } from '../child.ts';
import { serve } from '../standalone.ts';
import { fill } from './fill.ts';
import { questionsFor } from './questions.ts';

/** `prepare.ts DIRECTORY`: a log with read models, the questions, and what a standalone server answers to them. */
const [directory = ''] = process.argv.slice(2);
await fill(directory);
const served = await serve(directory);
await served.caughtUp();
const url = `${served.url}/api/v1`;
const questions = await questionsFor(url);
await writeFile(join(directory, 'questions.json'), JSON.stringify(questions));

const database = new DatabaseSync(join(directory, 'answers.db'));
database.exec(
  'PRAGMA journal_mode = WAL; CREATE TABLE answers (path TEXT PRIMARY KEY, body TEXT) STRICT; BEGIN',
);
const insert = database.prepare('INSERT OR REPLACE INTO answers VALUES (?, ?)');
for (const { path } of questions) {
  const answer = await fetch(`${url}${path}`);
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  insert.run(path, await answer.text());
}
database.exec('COMMIT');
database.close();

answerParent({ ready: () => questions.length, stop: () => served.stop() });
