/** Letters to change, add or take away to get from one text to the other. */
const distance = (from: string, to: string): number => {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const substituted = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
};

/** The name that was probably meant; null when none is near: a wrong guess is worse than none. */
export const nearest = (name: string, names: readonly string[]): string | null => {
  let best: { readonly name: string; readonly distance: number } | null = null;
  for (const candidate of names) {
    const steps = distance(name.toLowerCase(), candidate.toLowerCase());
    if (best === null || steps < best.distance) best = { name: candidate, distance: steps };
  }
  return best !== null && best.distance <= Math.ceil(name.length / 3) ? best.name : null;
};
