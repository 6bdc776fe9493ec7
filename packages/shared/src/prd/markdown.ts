import { createRequire } from 'node:module';
import type { Root } from 'mdast';

const load = createRequire(import.meta.url);

interface Parser {
  readonly fromMarkdown: typeof import('mdast-util-from-markdown').fromMarkdown;
  readonly gfmFromMarkdown: typeof import('mdast-util-gfm').gfmFromMarkdown;
  readonly gfm: typeof import('micromark-extension-gfm').gfm;
}

/** 120 modules: a start that reads no PRD, and every command but few, should not pay for them. */
let loaded: Parser | null = null;
const parser = (): Parser => {
  loaded ??= {
    ...(load('mdast-util-from-markdown') as Pick<Parser, 'fromMarkdown'>),
    ...(load('mdast-util-gfm') as Pick<Parser, 'gfmFromMarkdown'>),
    ...(load('micromark-extension-gfm') as Pick<Parser, 'gfm'>),
  };
  return loaded;
};

/** What no text written by people has: quotes and lists deeper than this cost the parser time that grows with the square. */
const deepest = 60;

const nested = new RegExp(`^(?:[ \\t]*(?:>|[-*+]|\\d{1,9}[.)])[ \\t]*){${deepest},}`, 'gm');

/** Lines up to the next empty one. */
const block = /(?:[^\n]+\n?)+/g;

/** At every `]` the parser looks back for its `[`: 60,000 of them in one paragraph took it 28 s. */
const mostBrackets = 2_000;

const withoutManyBrackets = (text: string): string =>
  text.split(']', mostBrackets + 1).length > mostBrackets ? text.replaceAll(/[[\]]/g, ' ') : text;

/**
 * The PRD as a tree, lines unchanged. Front matter is blanked out (it is no Markdown), and so is what would only keep the
 * parser busy.
 */
export const parseMarkdown = (text: string): { tree: Root; frontMatterTitle: string | null } => {
  const { body, title } = withoutFrontMatter(text);
  const { fromMarkdown, gfm, gfmFromMarkdown } = parser();
  const tree = fromMarkdown(body.replaceAll(nested, '').replaceAll(block, withoutManyBrackets), {
    extensions: [gfm()],
    mdastExtensions: [gfmFromMarkdown()],
  });
  return { tree, frontMatterTitle: title };
};

const frontMatter = /^---[ \t]*\r?\n([\s\S]{0,20000}?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/;

const withoutFrontMatter = (text: string): { body: string; title: string | null } => {
  const found = frontMatter.exec(text);
  if (found?.[1] === undefined || !/^[A-Za-z_-]+[ \t]*:/m.test(found[1])) return { body: text, title: null };
  const title = /^title[ \t]*:[ \t]*["']?(.+?)["']?[ \t]*$/m.exec(found[1])?.[1] ?? null;
  return { body: found[0].replaceAll(/[^\n]/g, '') + text.slice(found[0].length), title };
};
