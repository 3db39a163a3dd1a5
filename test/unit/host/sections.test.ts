import { expect, test } from 'vitest';
import { findNamed, sectionsOf } from '../../../src/host/sections.ts';

const sections = sectionsOf(['Tcp.RetransSegs', 'Udp.InErrors', 'Tcp.In.Errs', 'Tcp.In']);

function find(line: string, key: string) {
  const section = findNamed(sections, Buffer.from(line), 0, line.length);
  return section && findNamed(section.keys, Buffer.from(key), 0, key.length)?.place;
}

test('a key is found by its section and its name, whose own dots are part of it', () => {
  expect([find('Tcp', 'RetransSegs'), find('Udp', 'InErrors'), find('Tcp', 'In.Errs'), find('Tcp', 'In')]).toEqual([
    0, 1, 2, 3,
  ]);
});

test('no other name will do', () => {
  expect([
    find('Tc', 'In'),
    find('TcpExt', 'In'),
    find('Udp', 'In'),
    find('Tcp', 'InErrs'),
    find('', ''),
    find('Tcp', ''),
  ]).toEqual(Array.from({ length: 6 }, () => undefined));
});
