import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalIPv6, plainAddress } from './peer-address.js';

test('equal addresses become equal texts', () => {
  assert.equal(plainAddress('192.0.2.1'), '192.0.2.1');
  assert.equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(plainAddress('fe80::1%eth0'), 'fe80::1');
  assert.equal(plainAddress('::ffff:0:1'), '::ffff:0:1');
  assert.equal(canonicalIPv6('2001:0DB8:0:0:0:0:0:1'), '2001:db8::1');
});
