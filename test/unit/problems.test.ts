import { expect, test } from 'vitest';
import { createProblems, faultOf } from '../../src/problems.ts';

function recorded() {
  const messages: string[] = [];
  const nothing = (): void => undefined;
  const log = {
    debug: nothing,
    info: nothing,
    error: (data: object, message: string) => void messages.push(`error: ${message} ${'err' in data && String(data.err)}`),
    warn: (_: object, message: string) => void messages.push(message),
  };
  return { messages, problems: createProblems(log) };
}

const denied = { kind: 'denied', owner: 'pod-1', cause: 'memory.stat EACCES', message: '/sys/…/memory.stat: EACCES' } as const;

test('counts each, logs each cause of an owner once', () => {
  const { messages, problems } = recorded();
  for (let i = 0; i < 1000; i += 1) problems.report(denied);
  problems.report({ ...denied, owner: 'pod-2' });
  expect(problems.counts).toEqual({ gone: 0, denied: 1001, malformed: 0, slow: 0, object: 0, fault: 0 });
  expect(messages).toHaveLength(2);
  expect(problems.marks).toBe(2);
});

test('what is gone is counted and never logged', () => {
  const { messages, problems } = recorded();
  problems.report({ ...denied, kind: 'gone' });
  expect([messages, problems.counts.gone, problems.marks]).toEqual([[], 1, 0]);
});

test('an owner that ended leaves no mark, and its next like is logged again', () => {
  const { messages, problems } = recorded();
  problems.report(denied);
  problems.forget('pod-1');
  expect(problems.marks).toBe(0);
  problems.report(denied);
  expect(messages).toHaveLength(2);
});

test('what was logged under a first name is not logged again under the last', () => {
  const { messages, problems } = recorded();
  problems.report({ ...denied, owner: 'unnamed/pod-1' });
  problems.report({ ...denied, cause: 'memory.max EACCES' });
  problems.rename('unnamed/pod-1', 'pod-1');
  problems.rename('unnamed/pod-2', 'pod-2');
  expect(problems.marks).toBe(2);
  problems.report(denied);
  problems.report({ ...denied, cause: 'memory.max EACCES' });
  expect(messages).toHaveLength(2);
  problems.forget('pod-1');
  expect(problems.marks).toBe(0);
});

test('one owner with ever new causes fills neither the log nor the memory', () => {
  const { messages, problems } = recorded();
  for (let i = 0; i < 1000; i += 1) problems.report({ ...denied, cause: `cause ${i}` });
  expect(messages.length).toBeLessThan(100);
  expect(problems.marks).toBe(messages.length);
  expect(problems.counts.denied).toBe(1000);
});

test('an error of our own is counted each time, and logged once as an error, with what was thrown', () => {
  const { messages, problems } = recorded();
  for (let i = 0; i < 10; i += 1) problems.report(faultOf('pod-1', new Error('broken'), 'Cannot read a unit'));
  problems.report(faultOf('pod-1', new Error('other'), 'Cannot read a unit'));
  expect(problems.counts.fault).toBe(11);
  expect(messages).toEqual(['error: Cannot read a unit Error: broken', 'error: Cannot read a unit Error: other']);
});
