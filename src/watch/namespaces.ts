/**
 * Whether the pods of a namespace are wanted. A pattern may hold `*` for any characters, and with `!` before it excludes; the last
 * pattern that matches decides. What none matches is wanted only if the first pattern excludes, or there is none.
 */
export function namespaceFilter(patterns: readonly string[]): (namespace: string) => boolean {
  const rules = patterns.map((pattern) => {
    const excludes = pattern.startsWith('!');
    return { wanted: !excludes, pieces: (excludes ? pattern.slice(1) : pattern).split('*') };
  });
  const otherwise = rules[0]?.wanted !== true;
  return (namespace) => rules.findLast(({ pieces }) => matches(namespace, pieces))?.wanted ?? otherwise;
}

/** Whether the text is these pieces with anything in between. Not by a regular expression: many stars make one slow. */
function matches(text: string, pieces: readonly string[]): boolean {
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
