declare const PODGAUGE_VERSION: string | undefined;

/** As the bundle was built; from source there is none. */
export function version(): string {
  return typeof PODGAUGE_VERSION === 'string' ? PODGAUGE_VERSION : 'from source';
}
