/** Numbers that the kernel prints in base 16: addresses, masks, flags. */

/** 1 to 8 hexadecimal digits and nothing else; else `undefined`. */
export function parseHex(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end <= start || end - start > 8) return undefined;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = hexDigit(bytes[at] ?? 0);
    if (digit === undefined) return undefined;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(byte: number): number | undefined {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : undefined;
}
