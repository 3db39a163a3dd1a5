import { describe, expect, test } from 'vitest';
import { errorCode, failureOf } from '../../../src/host/failures.ts';

test.each([
  ['ENOENT', 'absent'],
  ['ENODEV', 'absent'],
  ['ESRCH', 'absent'],
  ['EOPNOTSUPP', 'absent'],
  ['ENOTSUP', 'absent'],
  ['EACCES', 'denied'],
  ['EPERM', 'denied'],
  ['EIO', 'denied'],
  ['EMFILE', 'busy'],
  ['constructor', 'denied'],
])('%s means %s', (code, failure) => {
  expect(failureOf(code)).toBe(failure);
});

describe('errorCode', () => {
  test('is the code of an error of the system', () => {
    expect(errorCode(Object.assign(new Error('no'), { code: 'EIO' }))).toBe('EIO');
  });

  test('hands on an error of the program', () => {
    const fault = new TypeError('a fault of the program');
    expect(() => errorCode(fault)).toThrow(fault);
  });
});
