/** `anthropic/claude-opus-5-5` → `anthropic` and `claude-opus-5-5`; a model's own name may have slashes in it. */
export const parseModelName = (name: string): { readonly provider: string; readonly model: string } => {
  const slash = name.indexOf('/');
  return slash < 0
    ? { provider: '', model: name }
    : { provider: name.slice(0, slash), model: name.slice(slash + 1) };
};
