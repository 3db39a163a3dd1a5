import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createListSplitter } from '../../../src/watch/list-items.ts';

function split(source: string, sizes: readonly number[] = [], limit = 1000) {
  const items: (string | undefined)[] = [];
  const splitter = createListSplitter(limit, (item) => items.push(item));
  const bytes = Buffer.from(source);
  let at = 0;
  for (const size of sizes) {
    splitter.push(bytes.subarray(at, at + size));
    at += size;
  }
  splitter.push(bytes.subarray(at));
  return { items, envelope: splitter.envelope() };
}

test('the items come one by one, the rest as a list without items', () => {
  expect(split('{"kind":"PodList","metadata":{"items":[1]},"items":[{"a":[1,{}]},{"b":"]}"}]}')).toEqual({
    items: ['{"a":[1,{}]}', '{"b":"]}"}'],
    envelope: '{"kind":"PodList","metadata":{"items":[1]},"items":[]}',
  });
});

test('braces, brackets, commas and quotes inside strings mean nothing', () => {
  expect(split(String.raw`{"x":"\"items\":[{","items":[{"a":"}],\\\"{"},{"b":"\\"}]}`)).toEqual({
    items: [String.raw`{"a":"}],\\\"{"}`, String.raw`{"b":"\\"}`],
    envelope: String.raw`{"x":"\"items\":[{","items":[]}`,
  });
});

test('items that are no objects are items', () => {
  expect(split('{"items":[ null , 12,"a,b" ,[1,2], true]}').items).toEqual(['null', '12', '"a,b"', '[1,2]', 'true']);
});

test('an item over the limit is undefined, the others are whole', () => {
  expect(split('{"items":[{"a":1},{"b":"0123456789"},{"c":3}]}', [], 10).items).toEqual(['{"a":1}', undefined, '{"c":3}']);
});

test('null in place of the items is a list of none', () => {
  expect(split('{"items":null}')).toEqual({ items: [], envelope: '{"items":null}' });
});

test('an answer of something else leaves no list', () => {
  expect(split('<html>items: [ {"a":1} ]</html>').items).toEqual([]);
});

test('in any chunking and any white space, the items are those of the whole', () => {
  const list = fc.record({
    kind: fc.string(),
    metadata: fc.jsonValue(),
    items: fc.array(fc.jsonValue()),
    more: fc.jsonValue(),
  });
  fc.assert(
    fc.property(list, fc.array(fc.nat(20)), fc.nat(2), (value, sizes, indent) => {
      const { items, envelope } = split(JSON.stringify(value, undefined, indent), sizes, 100_000);
      expect(items.map((item) => JSON.parse(item ?? ''))).toEqual(JSON.parse(JSON.stringify(value.items)));
      expect(JSON.parse(envelope)).toEqual(JSON.parse(JSON.stringify({ ...value, items: [] })));
    }),
  );
});

test('bytes that are no JSON never throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\ a', '"items":[') }), fc.array(fc.nat(9)), (source, sizes) => {
      expect(split(source, sizes, 5).envelope.length).toBeLessThanOrEqual(source.length);
    }),
  );
});
