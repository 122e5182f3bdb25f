import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddress } from './client-info.js';

test('an address is written with its port', () => {
  assert.equal(formatAddress({ host: '192.0.2.1', port: 1883 }), '192.0.2.1:1883');
  assert.equal(formatAddress({ host: '2001:db8::1', port: 1883 }), '[2001:db8::1]:1883');
});
