import { expect, test } from 'vitest';
import { sockstat } from '../../../src/host/sockstat.ts';
import { parseText } from './parse-text.ts';
import { sockstat6Text, sockstatText } from './proc-texts.ts';

test('the wanted values, in the order of the keys', () => {
  expect(parseText(sockstat(['TCP.tw', 'sockets.used', 'UDP.inuse', 'TCP.new', 'SCTP.inuse']), sockstatText)).toEqual({
    value: [30, 21, 5, undefined, undefined],
    malformed: [],
  });
  expect(parseText(sockstat(['TCP6.inuse']), sockstat6Text)).toEqual({ value: [12], malformed: [] });
});

test('of a key that comes twice the first value that was understood counts', () => {
  expect(parseText(sockstat(['TCP.mem']), 'TCP: mem x mem 1 mem 2\nTCP: mem 3\n').value).toEqual([1]);
});

test('a value that is none costs only itself', () => {
  const keys = ['TCP.inuse', 'TCP.mem'];
  expect(parseText(sockstat(keys), 'TCP: inuse -3 mem 7\n')).toEqual({
    value: [undefined, 7],
    malformed: ['TCP: inuse -3 mem 7'],
  });
});

test.each(['', 'TCP:', 'TCP: inuse', 'TCP inuse 1', 'TCP: inuse 1 mem', ': '])(
  'the line %j is reported and costs only itself',
  (line) => {
    expect(parseText(sockstat(['TCP.inuse', 'UDP.inuse']), `${line}\nUDP: inuse 5\n`)).toEqual({
      value: [undefined, 5],
      malformed: [line],
    });
  },
);
