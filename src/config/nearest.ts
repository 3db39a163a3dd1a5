/** Finds the name that a misspelt one was meant to be. */

/** Longer names are not compared: the cost grows with the square of the length. */
const longestName = 64;

/** The known name with the fewest edits to `name`, case aside; `undefined` when a third of the name would have to change. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > longestName) return undefined;
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let fewest = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const edits = editDistance(wanted, candidate.toLowerCase());
    if (edits >= fewest) continue;
    fewest = edits;
    best = candidate;
  }
  return best;
}

/** Levenshtein's distance: insertions, deletions and replacements, one row of the table at a time. */
function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    let left = row;
    const current = [left];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      left = Math.min(replaced, left + 1, (above[column] ?? 0) + 1);
      current.push(left);
    }
    above = current;
  }
  return above[to.length] ?? 0;
}
