import { expect, test } from 'vitest';
import { sharesHostNetwork } from '../../../src/locate/host-network.ts';
import { hostTree } from '../../support/host-tree.ts';

test("by the number the kernel gave the file of the network's namespace", async () => {
  await using host = await hostTree({
    'proc/1/net/dev': 'a',
    'proc/2/net': { link: '../1/net' },
    'proc/3/net/dev': 'a',
  });
  expect(sharesHostNetwork(host.procRoot, 2)).toBe(true);
  expect(sharesHostNetwork(host.procRoot, 3)).toBe(false);
  expect(sharesHostNetwork(host.procRoot, 4)).toBe(false);
});

test('of real processes', () => {
  expect(sharesHostNetwork('/proc', 1)).toBe(true);
});
