import { constants, createGzip } from 'node:zlib';

/** Room for what most batches shrink to: each further piece is a way to zlib's threads and back. */
const pieceBytes = 128 * 1024;

/**
 * A body as gzip, at the fastest level: the same names again and again shrink to a tenth all the same. zlib's threads do the work. The
 * pieces in between are given back, which `zlib.gzip` leaves to the collector. Rejects when there is no memory.
 */
export async function compress(plain: Buffer): Promise<Buffer> {
  const gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: pieceBytes });
  const pieces: readonly Buffer[] = await gzip.end(plain).toArray();
  // Of its own memory, and not of Node's pool as Buffer.concat would have it.
  const packed = Buffer.allocUnsafeSlow(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) at += piece.copy(packed, at);
  // Several may be of one memory.
  for (const buffer of new Set(pieces.map((piece) => piece.buffer))) release(Buffer.from(buffer));
  return packed;
}

/**
 * Gives back the memory of a body that is in nobody's hands. It is some hundred KiB every period, and old before the collector finds it.
 * Left alone is what is cut from more: Node's pool, and the text of which another entry has the other half.
 */
export function release({ buffer, length }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length && length > 0) buffer.transfer(0);
}
