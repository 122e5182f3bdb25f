import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeadSearch } from './head-search.js';

/** The bytes, and how often one of them has been looked at. */
function counted(text: string): { bytes: Buffer; looks: () => number } {
  let looks = 0;
  const bytes = new Proxy(Buffer.from(text), {
    get(target, name) {
      looks++;
      return Reflect.get(target, name, target);
    },
  });
  return { bytes, looks: () => looks };
}

test('a head that comes byte by byte is looked at once', () => {
  const head = `SEND\n${'a:1234567\r\n'.repeat(9)}\r\n`;
  const { bytes, looks } = counted(`..${head}body`);
  const search = new HeadSearch(10, 1024);
  const found = Array.from(head, (_, at) => search.find(bytes, 2, 2 + at + 1));
  assert.deepEqual(found.at(-1), head.length);
  assert.equal(
    found.slice(0, -1).every((length) => length === undefined),
    true,
  );
  // Each byte, and the CR of the empty line once more.
  assert.equal(looks(), head.length + 1);
});

test('limits hold for a head that comes byte by byte, and begin anew with the next', () => {
  const search = new HeadSearch(2, 4);
  const feed = (text: string) => {
    const bytes = Buffer.from(text);
    for (let end = 1; end <= bytes.length; end++) search.find(bytes, 0, end);
  };
  feed('SEND\na:é\nb:2\n\n');
  assert.equal(search.isAscii, false);
  search.restart();
  assert.equal(search.isAscii, true);
  feed('SEND\na:1\nb:2\n\r');
  search.restart();
  assert.throws(() => feed('SEND\na:1\nb:2\nc:'), { code: 'too_many_headers', offset: 13 });
  search.restart();
  assert.throws(() => feed('SEND\na:2345'), { code: 'header_too_long', offset: 5 });
  search.restart();
  assert.throws(() => feed('GET / HTTP/1.1'), { code: 'unknown_command' });
});
