import type { Code } from 'mdast';

/** `POST /links  Create a short link`, optionally with a bullet before and a comment sign between. */
const endpoint = /^[\s*-]*(GET|POST|PUT|PATCH|DELETE|HEAD)\s+(\/\S*)\s*(?:[-–—:#]+\s*|\/\/\s*)?(.*)$/;

/** `├── name: string (unique)` and `name: string`, as people draw records. */
const field = /^[\s├└│─|+-]*([A-Za-z_][A-Za-z0-9_]{0,60}):\s+\S/;

/** Endpoints are asked for even when they stand in a code block; 1-based lines. */
export const endpointsOf = (code: Code): { text: string; line: number }[] => {
  const first = (code.position?.start.line ?? 1) + 1;
  return code.value.split('\n').flatMap((source, index) => {
    const found = endpoint.exec(source);
    if (!found) return [];
    const [, method, path, purpose] = found;
    const text = purpose === '' ? `${method} ${path}` : `${method} ${path}: ${purpose}`;
    return [{ text, line: first + index }];
  });
};

/** Names of the fields a code block draws; none when it draws something else. */
export const fieldsOf = (code: Code): string[] => {
  const lines = code.value.split('\n').filter((line) => line.trim() !== '');
  const fields = lines.flatMap((line) => field.exec(line)?.[1] ?? []);
  return fields.length * 2 >= lines.length ? fields : [];
};
