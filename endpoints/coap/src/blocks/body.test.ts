import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTENT } from '../serving/response.js';
import { Body, type Reader } from './body.js';

class TestReader implements Reader {
  over = false;
  readonly told: string[] = [];

  fetched(last: boolean): void {
    this.told.push(last ? 'last' : 'block');
  }

  lost(): void {
    this.told.push('lost');
  }
}

function body(drops: string[] = []): Body {
  const content = { ...CONTENT, payload: Buffer.alloc(100) };
  return new Body(content, Buffer.alloc(8), (reason) => drops.push(reason));
}

test('all who wait are told what is fetched, and what is lost', () => {
  const one = body();
  const readers = [new TestReader(), new TestReader()];
  for (const reader of readers) one.add(reader);
  one.fetched(64);
  one.fetched(100);
  one.replaced();
  for (const reader of readers) assert.deepEqual(reader.told, ['block', 'last', 'lost']);
});

test('the same payload again and again holds nobody who waits no more', () => {
  const one = body();
  for (let count = 0; count < 100; count++) {
    const reader = new TestReader();
    one.add(reader);
    reader.over = true;
  }
  assert.equal(one.readers, 1);
});

test('a drop counts until the last block has been asked for, of each that came', () => {
  const drops: string[] = [];
  const one = body(drops);
  one.fetched(100);
  one.dropped('timeout');
  assert.deepEqual(drops, []);
  one.add(new TestReader());
  one.dropped('closed');
  assert.deepEqual(drops, ['closed']);
});
