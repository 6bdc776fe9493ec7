/** As much of SVG as is drawn here. What is written is well-formed whatever the texts are. */
export type SvgNode =
  | { readonly kind: 'text'; readonly value: string }
  | {
      readonly kind: 'element';
      readonly name: string;
      readonly attributes: Readonly<Record<string, string | number>>;
      readonly children: readonly SvgNode[];
    };

export const text = (value: string): SvgNode => ({ kind: 'text', value });

export const element = (
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly SvgNode[],
): SvgNode => ({ kind: 'element', name, attributes, children });

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML 1.0 has no place for most control characters and for half a surrogate pair, not even as entities. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const escaped = (value: string): string =>
  value
    .toWellFormed()
    .replace(forbidden, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities[character] ?? character);

/** Two decimals do for a screen. */
const attribute = (value: string | number): string =>
  typeof value === 'number' ? String(Math.round(value * 100) / 100) : escaped(value);

export const writeSvg = (node: SvgNode): string => {
  if (node.kind === 'text') return escaped(node.value);
  const attributes = Object.entries(node.attributes).map(([name, value]) => ` ${name}="${attribute(value)}"`);
  const opening = `<${node.name}${attributes.join('')}`;
  return node.children.length === 0
    ? `${opening}/>`
    : `${opening}>${node.children.map(writeSvg).join('')}</${node.name}>`;
};
