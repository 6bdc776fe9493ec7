import { describe, expect, it } from '@jest/globals';
import { createLogger, silentLogger, withCorrelation } from './logging.ts';

const collecting = () => {
  const lines: string[] = [];
  return { lines, destination: { write: (line: string) => void lines.push(line) } };
};

const parsed = (lines: readonly string[]): unknown[] => lines.map((line) => JSON.parse(line));

describe('the logger', () => {
  it('writes one JSON line per message, with its fields and its name', () => {
    const { lines, destination } = collecting();
    const logger = createLogger({ level: 'info', name: 'orchestrator', destination });
    logger.child({ runId: 'r_1' }).info({ tasks: 3 }, 'planned');
    logger.debug({}, 'not at this level');
    expect(parsed(lines)).toEqual([
      expect.objectContaining({ level: 30, name: 'orchestrator', runId: 'r_1', tasks: 3, msg: 'planned' }),
    ]);
  });

  it('writes nothing when it is silent', () => {
    const { lines, destination } = collecting();
    const logger = createLogger({ level: 'silent', destination });
    logger.error({}, 'nobody hears this');
    silentLogger.child({}).error({}, 'nor this');
    expect(lines).toEqual([]);
  });

  it('writes errors with their stack and what caused them', () => {
    const { lines, destination } = collecting();
    const error = new Error('outer', { cause: new Error('inner') });
    createLogger({ level: 'info', destination }).error({ error }, 'failed');
    const [line] = lines;
    expect(line).toContain('outer');
    expect(line).toContain('inner');
    expect(line).toContain('logging.test.ts');
  });

  it('takes known secrets out wherever they stand, as they are and as JSON writes them', () => {
    const { lines, destination } = collecting();
    const secrets = ['sk-live-0123456789', 'with "quotes" and \\', 'abc'];
    const logger = createLogger({ level: 'info', secrets, destination });
    logger.info(
      { url: `https://x/?k=${secrets[0]}`, deep: [{ text: secrets[1] }] },
      `sent ${secrets[0]}, not abc`,
    );
    const [line = ''] = lines;
    expect(line).not.toContain('sk-live');
    expect(line).not.toContain('quotes');
    // Too short to be told from a word.
    expect(line).toContain('abc');
    expect(() => JSON.parse(line)).not.toThrow();
  });

  it('takes out what stands in a field for secrets, whatever it is', () => {
    const { lines, destination } = collecting();
    const logger = createLogger({ level: 'info', destination });
    logger.info({ apiKey: 'one', request: { token: 'two', headers: { authorization: 'three' } } }, 'x');
    expect(parsed(lines)[0]).toMatchObject({
      apiKey: '[redacted]',
      request: { token: '[redacted]', headers: { authorization: '[redacted]' } },
    });
  });

  it('carries correlation through everything that is awaited, nested and in parallel', async () => {
    const { lines, destination } = collecting();
    const logger = createLogger({ level: 'info', destination });
    const work = (correlationId: string) =>
      withCorrelation({ correlationId }, async () => {
        await Promise.resolve();
        logger.info({}, 'outer');
        await withCorrelation({ runId: `run of ${correlationId}` }, async () => {
          await Promise.resolve();
          logger.info({}, 'inner');
        });
        logger.info({}, 'after');
      });
    await Promise.all([work('one'), work('two')]);
    logger.info({}, 'outside');
    const own = (id: string) =>
      parsed(lines).filter((line) => (line as { correlationId?: string }).correlationId === id);
    expect(own('one')).toMatchObject([
      { msg: 'outer' },
      { msg: 'inner', runId: 'run of one' },
      { msg: 'after' },
    ]);
    expect(own('two')).toHaveLength(3);
    expect(parsed(lines).at(-1)).not.toHaveProperty('correlationId');
  });
});
