import { findServer } from '../connection/session.ts';
import { type Context, configurationOf } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { penOf } from '../screen/symbols.ts';
import {
  type Check,
  dataCheck,
  diskCheck,
  gitCheck,
  modelCheck,
  nodeCheck,
  portCheck,
  sandboxCheck,
} from './checks.ts';

/** Tries everything that a run needs; ends with 1 when something of it is broken. */
export const doctor = async (context: Context): Promise<ExitCode> => {
  const configuration = await configurationOf(context);
  const { values } = configuration;
  const server = await findServer(configuration).catch(() => null);
  const checks = [
    nodeCheck(process.versions.node),
    ...(await Promise.all([
      gitCheck(),
      sandboxCheck(values.sandbox),
      modelCheck(values),
      dataCheck(values.data),
      diskCheck(values.data),
      portCheck(values, server?.url ?? null),
    ])),
  ];
  const healthy = checks.every(({ outcome }) => outcome !== 'broken');
  const pen = penOf(context.terminal);
  context.output.result({ healthy, checks }, () => [
    ...checks.flatMap((check) => told(check, pen).map(pen.plain)),
    healthy ? 'Ready: partitura run PRD.md' : 'Not ready: see what is broken above.',
  ]);
  return healthy ? exitCodes.done : exitCodes.error;
};

const marks = { fine: 'done', attention: 'attention', broken: 'failed' } as const;

const told = ({ name, outcome, detail, advice }: Check, pen: ReturnType<typeof penOf>): readonly string[] => [
  `${pen.mark(marks[outcome])} ${name.padEnd(8)} ${outcome === 'broken' ? `broken: ${detail}` : detail}`,
  ...(advice === null || outcome === 'fine' ? [] : [`  ${' '.repeat(8)} ${advice}`]),
];
