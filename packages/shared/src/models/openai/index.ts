export {
  type AzureOptions,
  azureModel,
  type CompatibleOptions,
  compatibleModel,
  type OpenAiOptions,
  openAiModel,
} from './openai-model.ts';
