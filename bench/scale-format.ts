/** How numbers are written in docs/scale.md. */

export function bytes(count: number): string {
  if (count >= 2 ** 20) return `${(count / 2 ** 20).toFixed(1)} MiB`;
  return count >= 2 ** 10 ? `${(count / 2 ** 10).toFixed(1)} KiB` : `${count.toFixed(0)} B`;
}

export function group(count: number): string {
  return Math.round(count).toLocaleString('en');
}

export function milli(cores: number): string {
  return `${(cores * 1000).toFixed(1)} mcores`;
}

export function seconds(count: number): string {
  return `${count.toFixed(0)} s`;
}
