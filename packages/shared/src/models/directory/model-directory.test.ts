import { describe, expect, it } from '@jest/globals';
import { systemClock, systemRandomness } from '../../runtime/index.ts';
import { type ModelConfigurationInput, modelConfiguration, modelConfigurationFrom } from './configuration.ts';
import { modelDirectory } from './model-directory.ts';

const open = (configuration: ModelConfigurationInput = {}) =>
  modelDirectory({
    configuration: modelConfiguration.parse(configuration),
    clock: systemClock,
    randomness: systemRandomness,
  });
const keys: ModelConfigurationInput = { anthropic: { apiKey: 'a' }, openai: { apiKey: 'o' } };
const local = {
  model: 'openai-compatible/qwen3',
  perMillion: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  contextWindow: 32_768,
  maxOutput: 4_096,
  effective: '2026-01-01',
  source: 'local',
};

describe('the model directory', () => {
  it('rehearses when there is no key', () => {
    expect(open().defaultModel()).toBe('rehearsal/rehearsal');
    expect(open().resolve('rehearsal/rehearsal').provider).toBe('rehearsal');
    expect(open({ openai: { baseUrl: 'http://localhost:11434/v1' } }).defaultModel()).toBe(
      'rehearsal/rehearsal',
    );
  });

  it('takes the configured model first, then the provider with a key', () => {
    expect(open(keys).defaultModel()).toMatch(/^anthropic\//);
    expect(open({ openai: { apiKey: 'o' } }).defaultModel()).toMatch(/^openai\//);
    expect(open({ ...keys, model: 'rehearsal/rehearsal' }).defaultModel()).toBe('rehearsal/rehearsal');
  });

  it('has a price for each default', () => {
    for (const configuration of [keys, { openai: { apiKey: 'o' } }, {}]) {
      const directory = open(configuration);
      expect(() => directory.resolve(directory.defaultModel())).not.toThrow();
    }
  });

  it('does not guess which deployment of Azure is meant', () => {
    const azure = { azure: { apiKey: 'z', endpoint: 'https://x.openai.azure.com' } };
    expect(() => open(azure).defaultModel()).toThrow(
      expect.objectContaining({
        code: 'MODEL_NOT_CONFIGURED',
        advice: expect.stringContaining('PARTITURA_MODEL'),
      }),
    );
    expect(open(azure).resolve('azure/gpt-6-sol').provider).toBe('azure');
  });

  it.each([
    ['claude-opus-5-5', /provider\/model/, /Did you mean "anthropic\/claude-opus-5-5"/],
    ['antropic/claude-opus-5-5', /no provider "antropic"/, /There is: anthropic/],
    ['anthropic/claude-opus-55', /no model "claude-opus-55"/, /Did you mean "anthropic\/claude-opus-5-5"/],
    ['rehearsal/other', /no model "other"/, /rehearsal\/rehearsal/],
    ['openai-compatible/', /no model ""/, /There is/],
  ])('says what is wrong with %s, and what there is', (name, message, advice) => {
    expect(() => open(keys).resolve(name)).toThrow(
      expect.objectContaining({
        code: 'MODEL_NOT_FOUND',
        message: expect.stringMatching(message),
        advice: expect.stringMatching(advice),
      }),
    );
  });

  it.each([
    ['anthropic/claude-opus-5-5', 'ANTHROPIC_API_KEY'],
    ['openai/gpt-6-sol', 'OPENAI_API_KEY'],
    ['azure/gpt-6-sol', 'AZURE_OPENAI_API_KEY'],
    ['openai-compatible/deepseek-flash', 'OPENAI_BASE_URL'],
  ])('names the variable that %s needs', (name, variable) => {
    expect(() => open().resolve(name)).toThrow(
      expect.objectContaining({ code: 'MODEL_NOT_CONFIGURED', message: expect.stringContaining(variable) }),
    );
  });

  it('takes a model of one’s own once it has a price', () => {
    const endpoint = { openai: { baseUrl: 'http://localhost:11434/v1' } };
    expect(() => open(endpoint).resolve('openai-compatible/qwen3')).toThrow(
      expect.objectContaining({ code: 'MODEL_PRICE_UNKNOWN' }),
    );
    expect(open({ ...endpoint, prices: [local] }).resolve('openai-compatible/qwen3').provider).toBe(
      'openai-compatible',
    );
  });

  it('puts the configured fall-backs that have a key behind a model', () => {
    const configuration = { ...keys, fallbacks: ['anthropic/claude-opus-5-5', 'azure/gpt-6-sol'] };
    const request = {
      model: '',
      system: '',
      messages: [],
      tools: [],
      answer: null,
      maxOutputTokens: 1_000,
      temperature: null,
    };
    const alone = open(keys)
      .resolve('openai/gpt-6-luna')
      .measure({ ...request, model: 'openai/gpt-6-luna' });
    const backed = open(configuration)
      .resolve('openai/gpt-6-luna')
      .measure({ ...request, model: 'openai/gpt-6-luna' });
    expect(backed.worstCase.microUsd).toBeGreaterThan(alone.worstCase.microUsd);
  });

  it('lists the providers, which of them are configured, and by what', () => {
    const status = open({ anthropic: { apiKey: 'a' } }).available();
    expect(status.map(({ provider, configured }) => [provider, configured])).toEqual([
      ['anthropic', true],
      ['openai', false],
      ['azure', false],
      ['openai-compatible', false],
      ['rehearsal', true],
    ]);
    expect(status[0]?.models).toContain('anthropic/claude-opus-5-5');
  });

  it('is configured by the environment, where an empty variable says nothing', () => {
    const configuration = modelConfigurationFrom({
      ANTHROPIC_API_KEY: ' key ',
      OPENAI_API_KEY: '',
      PARTITURA_MODEL: 'openai/gpt-4o',
    });
    expect(configuration).toMatchObject({
      model: 'openai/gpt-4o',
      anthropic: { apiKey: 'key' },
      openai: { apiKey: null },
    });
    expect(() => modelConfigurationFrom({ ANTHROPIC_BASE_URL: 'nonsense' })).toThrow();
  });
});
