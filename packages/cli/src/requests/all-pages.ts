interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** All items of a list, page after page. */
export const allPages = async <Item>(
  read: (query: { limit: number; cursor?: string }) => Promise<Page<Item>>,
): Promise<readonly Item[]> => {
  const items: Item[] = [];
  let page = await read({ limit: 500 });
  items.push(...page.items);
  while (page.nextCursor !== null) {
    page = await read({ limit: 500, cursor: page.nextCursor });
    items.push(...page.items);
  }
  return items;
};
