/**
 * The sizes of huge pages that a cgroup accounts for, by the names of its files. v2: Documentation/admin-guide/cgroup-v2.rst,
 * "HugeTLB Interface Files"; v1: Documentation/admin-guide/cgroup-v1/hugetlb.rst.
 */

/** The files of use: `hugetlb.2MB.current` in v2, `hugetlb.2MB.usage_in_bytes` in v1. */
const usageFile = /^hugetlb\.(?<size>(?<count>[1-9][0-9]{0,3})(?<unit>KB|MB|GB))\.(?:current|usage_in_bytes)$/;
const unitKilobytes: Readonly<Record<string, number>> = { KB: 1, MB: 1024, GB: 1024 ** 2 };
/** No architecture has more than a few. */
const mostSizes = 16;

/** `2MB`, `1GB`, as the kernel writes them, the smallest first. */
export function hugetlbSizes(names: readonly string[]): readonly string[] {
  const sizes = new Map<string, number>();
  for (const name of names) {
    const { size, count, unit } = usageFile.exec(name)?.groups ?? {};
    const kilobytes = Number(count) * (unitKilobytes[unit ?? ''] ?? NaN);
    if (size !== undefined && sizes.size < mostSizes) sizes.set(size, kilobytes);
  }
  return [...sizes].toSorted(([, a], [, b]) => a - b).map(([size]) => size);
}
