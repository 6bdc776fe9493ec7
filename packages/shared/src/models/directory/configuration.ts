import { z } from 'zod';
import { modelPrice } from '../prices/index.ts';

const text = z.string().min(1);
const url = z.url({ protocol: /^https?$/ });

/** Which models there are, and with which keys. A provider is there when its key is (the compatible one: its URL). */
export const modelConfiguration = z.strictObject({
  /** The model when nothing else says: `provider/model`. */
  model: text.nullable().default(null),
  /** Asked in this order when the one that was asked for cannot be had. */
  fallbacks: z.array(text).default([]),
  anthropic: z
    .strictObject({ apiKey: text.nullable().default(null), baseUrl: url.nullable().default(null) })
    .prefault({}),
  openai: z
    .strictObject({ apiKey: text.nullable().default(null), baseUrl: url.nullable().default(null) })
    .prefault({}),
  azure: z
    .strictObject({
      apiKey: text.nullable().default(null),
      endpoint: url.nullable().default(null),
      apiVersion: text.nullable().default(null),
    })
    .prefault({}),
  /** Added to the table that comes with Partitura, or put in the place of its entries. */
  prices: z.array(modelPrice).default([]),
  /** The same seed rehearses the same. */
  rehearsalSeed: z.int().default(1),
});
export type ModelConfiguration = z.infer<typeof modelConfiguration>;
export type ModelConfigurationInput = z.input<typeof modelConfiguration>;

/** The variables that say something about models, and where in the configuration it goes. */
export const modelVariables = {
  PARTITURA_MODEL: ['model'],
  ANTHROPIC_API_KEY: ['anthropic', 'apiKey'],
  ANTHROPIC_BASE_URL: ['anthropic', 'baseUrl'],
  OPENAI_API_KEY: ['openai', 'apiKey'],
  OPENAI_BASE_URL: ['openai', 'baseUrl'],
  AZURE_OPENAI_API_KEY: ['azure', 'apiKey'],
  AZURE_OPENAI_ENDPOINT: ['azure', 'endpoint'],
} as const;

/** An empty variable says nothing, as shells have it. @throws {z.ZodError} */
export const modelConfigurationFrom = (
  environment: Readonly<Record<string, string | undefined>>,
): ModelConfiguration => {
  const given = (name: keyof typeof modelVariables): string | null => environment[name]?.trim() || null;
  return modelConfiguration.parse({
    model: given('PARTITURA_MODEL'),
    anthropic: { apiKey: given('ANTHROPIC_API_KEY'), baseUrl: given('ANTHROPIC_BASE_URL') },
    openai: { apiKey: given('OPENAI_API_KEY'), baseUrl: given('OPENAI_BASE_URL') },
    azure: { apiKey: given('AZURE_OPENAI_API_KEY'), endpoint: given('AZURE_OPENAI_ENDPOINT') },
  });
};
