/** What may name a cgroup: UIDs and ids lead to paths on the host, so nothing that could leave a directory. */
const safe = /^[0-9A-Za-z][0-9A-Za-z._-]{0,252}$/;

/** Most UTF-16 units of a name. */
export const nameLimit = 253;

export function safeName(value: unknown): string | undefined {
  return typeof value === 'string' && safe.test(value) ? value : undefined;
}

/** The runtime's id of a container without its `scheme://`. */
export function containerId(value: unknown): string | undefined {
  return typeof value === 'string' ? safeName(value.replace(/^[^:/]*:\/\//, '')) : undefined;
}
