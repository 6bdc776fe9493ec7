import { spawn } from 'node:child_process';
import { PartituraError } from '@partitura/shared/runtime';
import { resolveAny } from '../connection/resolve-id.ts';
import { findServer } from '../connection/session.ts';
import { type Context, configurationOf } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

/** Opens the server's page in the browser, and says its address: there may be no browser here. */
export const openBrowser = async (given: string | undefined, context: Context): Promise<ExitCode> => {
  const server = await findServer(await configurationOf(context));
  if (server === null)
    throw new PartituraError('SERVER_NOT_REACHED', 'No server is running here.', {
      advice: 'Start it with: partitura up',
    });
  const page = given === undefined ? '/' : await pageOf(given, server.client);
  const url = await reachable(server.url, page);
  context.output.result({ url }, () => [url]);
  if (context.terminal.interactive && !context.output.carriesData) launch(url);
  return exitCodes.done;
};

const pageOf = async (given: string, client: Parameters<typeof resolveAny>[0]): Promise<string> => {
  const { kind, id } = await resolveAny(client, given);
  return `/${kind}s/${id}`;
};

/** The console's page; what the API says of it where there is no console. */
const reachable = async (url: string, page: string): Promise<string> => {
  const answer = await fetch(new URL(page, url)).catch(() => null);
  if (answer?.ok) return `${url}${page}`;
  return page === '/' ? `${url}/api/v1/runs` : `${url}/api/v1${page}`;
};

const launch = (url: string): void => {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(program, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
};
