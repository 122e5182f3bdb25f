import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalfOpen, hostOf } from './half-open.js';

test('who is one host: an IPv4 address, or the /64 of an IPv6 address', () => {
  for (const [address, host] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:db8:0:2::', '2001:db8:0:2'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::2:3:4:5:6:7', '0:0:2:3'],
    ['::1', '0:0:0:0'],
  ] as const) {
    assert.equal(hostOf(address), host, address);
  }
});

test('addresses of one network share what they have, and what is over counts no more', () => {
  const all = new HalfOpen<string>(3);
  ['2001:db8::1', '2001:db8::2', '2001:db8::3'].forEach((address, key) => {
    all.add(address, key, address);
  });
  assert.equal(all.hasRoomFor('2001:db8::4'), false);
  assert.equal(all.givingWayTo('2001:db8:0:1::1'), '2001:db8::1');
  all.delete('2001:db8::1', 0);
  assert.equal(all.hasRoomFor('2001:db8::4'), true);
  assert.equal(all.givingWayTo('2001:db8:0:1::1'), undefined);
});
