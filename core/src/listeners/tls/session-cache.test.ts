import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SessionCache } from './session-cache.js';

const TLS_1_2 = Buffer.from('308201bb020101020203030402c02b', 'hex');
const TLS_1_3 = Buffer.from('308201bf0201010202030404021302', 'hex');

function id(number: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32BE(number);
  return bytes;
}

test('a session is found by its id until the cache is cleared', () => {
  const cache = new SessionCache();
  cache.store(id(1), TLS_1_2);
  assert.equal(cache.find(id(1)), TLS_1_2);
  assert.equal(cache.find(id(2)), null);
  cache.clear();
  assert.equal(cache.find(id(1)), null);
});

test('sessions of TLS 1.3 are not kept: their clients have them', () => {
  const cache = new SessionCache();
  cache.store(id(1), TLS_1_3);
  assert.equal(cache.size, 0);
});

test('the oldest sessions make room', () => {
  const cache = new SessionCache();
  for (let i = 0; i < 10_002; i++) cache.store(id(i), TLS_1_2);
  assert.equal(cache.size, 10_000);
  assert.equal(cache.find(id(1)), null);
  assert.equal(cache.find(id(2)), TLS_1_2);
});
