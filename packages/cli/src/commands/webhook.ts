import type { AddWebhookFlags } from '../requests/webhooks.ts';
import type { RegisterCommand } from './command.ts';

const collected = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...value.split(',').map((one) => one.trim()),
];

export const webhook: RegisterCommand = (program, start) => {
  const group = program
    .command('webhook')
    .summary('tell other programs what happens')
    .description('Webhooks: what is recorded is posted to a URL, signed, until it is taken.');
  group
    .command('add')
    .summary('post events to a URL; the secret is printed once')
    .description('Posts what is recorded from now on to a URL. Prints the secret that signs it, once.')
    .argument('<url>', 'where to')
    .option('--type <type>', 'only these events: task.completed or task.* (repeatable)', collected)
    .option('--project <id>', 'only of these projects (repeatable)', collected)
    .option('--run <id>', 'only of these runs (repeatable)', collected)
    .option('--description <text>', 'what it is for', '')
    .action((url: string, flags: AddWebhookFlags) =>
      start(async (context) => (await import('../requests/webhooks.ts')).addWebhook(url, flags, context)),
    );
  group
    .command('ls')
    .summary('list them')
    .description('Lists webhooks, newest first.')
    .action(() => start(async (context) => (await import('../requests/webhooks.ts')).listWebhooks(context)));
  group
    .command('rm')
    .summary('remove one')
    .description('Removes a webhook. What is due to it is not sent any more.')
    .argument('<id>', 'its id')
    .action((id: string) =>
      start(async (context) => (await import('../requests/webhooks.ts')).removeWebhook(id, context)),
    );
  group
    .command('test')
    .summary('send one an event, and see what it answers')
    .description(
      'Sends an event of the type webhook.tested and says what came of it; ends with 1 when it failed.',
    )
    .argument('<id>', 'its id')
    .action((id: string) =>
      start(async (context) => (await import('../requests/webhooks.ts')).testWebhook(id, context)),
    );
};
