const lineFeed = 0x0a;

/** Cuts whole lines in two of about the same size. Absent when there is but one line. */
export function halve(body: Buffer): readonly [Buffer, Buffer] | undefined {
  const last = body.length - 1;
  const middle = Math.floor(last / 2);
  const before = body.lastIndexOf(lineFeed, middle);
  const end = before === -1 ? body.indexOf(lineFeed, middle) : before;
  if (end === -1 || end >= last) return undefined;
  return [body.subarray(0, end + 1), body.subarray(end + 1)];
}

export function countLines(body: Buffer): number {
  let lines = 0;
  for (let at = body.indexOf(lineFeed); at !== -1; at = body.indexOf(lineFeed, at + 1)) lines += 1;
  return lines;
}
