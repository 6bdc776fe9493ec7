import type { ChatMessage, ChatModel, ChatRequest, ContentPart, ModelDirectory } from '../models/index.ts';
import { changeSections } from '../prompts/index.ts';
import type { KeyRing } from './key-ring.ts';
import { currentOrganization } from './scope.ts';
import type { Sealer } from './sealer.ts';
import { tokenStart } from './token.ts';

/**
 * Models read what people have written: a request is opened on its way to one, with the keys of the organisation that it is made for, and
 * with no other's. What is recorded of it stays sealed, and so does what is measured, or an erasure would change what a call may cost.
 */
export const openingModels = (models: ModelDirectory, ring: KeyRing): ModelDirectory => ({
  ...models,
  resolve: (name) => openingModel(models.resolve(name), ring),
});

const openingModel = (model: ChatModel, ring: KeyRing): ChatModel => ({
  provider: model.provider,
  measure: (request) => model.measure(request),
  chat: (request, options) => {
    const organizationId = currentOrganization();
    if (ring.isEmpty() || organizationId === null) return model.chat(request, options);
    return model.chat(opened(request, ring.sealer(organizationId)), options);
  },
});

const opened = (request: ChatRequest, sealer: Sealer): ChatRequest => ({
  ...request,
  system: openedText(request.system, sealer),
  messages: request.messages.map((message) => openedMessage(message, sealer)),
});

/** What stands for somebody is shorter or longer than what it stands for, and sections say how long they are. */
const openedText = (text: string, sealer: Sealer): string =>
  text.includes(tokenStart) ? changeSections(text, sealer.openText) : text;

const openedMessage = (message: ChatMessage, sealer: Sealer): ChatMessage => ({
  ...message,
  content: message.content.map((part) => openedPart(part, sealer)),
});

const openedPart = (part: ContentPart, sealer: Sealer): ContentPart => {
  switch (part.kind) {
    case 'text':
      return { ...part, text: openedText(part.text, sealer) };
    case 'tool_call':
      return { ...part, arguments: sealer.openData(part.arguments) };
    case 'tool_result':
      return { ...part, content: sealer.openText(part.content) };
  }
};
