export { type AnthropicOptions, anthropicModel } from './anthropic-model.ts';
