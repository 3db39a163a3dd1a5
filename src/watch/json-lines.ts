/**
 * Splits the body of a watch into its lines. A line of more than `limit` bytes is read to its end, not kept, and comes as
 * `undefined`. What follows the last newline was cut off and is dropped: the next watch brings it again.
 */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<string | undefined, void> {
  // Decoded by the line, never by the chunk, which may end in the middle of a character.
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      size += end - start;
      held.push(chunk.subarray(start, end));
      start = end + 1;
      if (size > limit) yield undefined;
      else if (size > 0) yield Buffer.concat(held, size).toString();
      held = [];
      size = 0;
    }
    size += chunk.length - start;
    if (size > limit) held = [];
    else held.push(chunk.subarray(start));
  }
}
