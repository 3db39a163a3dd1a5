import { expect, test } from 'vitest';
import { filesIn, hostOf } from './host-of.ts';

const disk = (numbers: string, name: string): string => `${numbers.replace(':', ' ')} ${name} 1 0 8 1 1 0 8 1 0 1 1\n`;

async function hostWith(diskstats: string) {
  return hostOf({ 'sys/fs/cgroup/cgroup.controllers': 'io\n', ...filesIn('proc', { diskstats }) });
}

test('a device is called what the node calls it, and by its numbers where the node has no such device', async () => {
  const { host } = await hostWith(disk('8:0', 'sda') + disk('254:1', 'vda1'));
  expect(['8:0', '254:1', '8:16', ''].map((numbers) => host.devices.name(numbers))).toEqual(['sda', 'vda1', '8:16', '']);
});

test('a device that comes later has its name within a minute', async () => {
  const { host, tree, clock } = await hostWith(disk('8:0', 'sda'));
  expect(host.devices.name('8:16')).toBe('8:16');
  await tree.add(filesIn('proc', { diskstats: disk('8:0', 'sda') + disk('8:16', 'sdb') }));
  clock.time += 59_999;
  expect(host.devices.name('8:16')).toBe('8:16');
  clock.time += 1;
  expect(host.devices.name('8:16')).toBe('sdb');
});

test('numbers that the kernel gave to another device are called by that, within a minute', async () => {
  const { host, tree, clock } = await hostWith(disk('259:5', 'nvme1n1'));
  expect(host.devices.name('259:5')).toBe('nvme1n1');
  await tree.add(filesIn('proc', { diskstats: disk('259:5', 'nvme2n1') }));
  clock.time += 60_000;
  expect(host.devices.name('259:5')).toBe('nvme2n1');
});

test('names that are known stay when their file cannot be read', async () => {
  const { host, tree, clock } = await hostWith(disk('8:0', 'sda'));
  expect(host.devices.name('8:0')).toBe('sda');
  await tree.remove('proc/diskstats');
  clock.time += 60_000;
  expect(host.devices.name('8:0')).toBe('sda');
});

test('a node without the file has numbers', async () => {
  const { host } = await hostOf({ 'sys/fs/cgroup/cgroup.controllers': 'io\n' });
  expect(host.devices.name('8:0')).toBe('8:0');
});
