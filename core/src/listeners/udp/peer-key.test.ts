import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { peerKey } from './peer-key.js';

test('the key of an IPv4 peer is a number, that of an IPv6 peer a text', () => {
  assert.equal(peerKey('0.0.0.1', 2), 65538);
  assert.equal(peerKey('255.255.255.255', 65535), 2 ** 48 - 1);
  assert.equal(peerKey('2001:db8::1', 5683), '2001:db8::1 5683');
  assert.equal(peerKey('::ffff:192.0.2.1', 5683), '::ffff:192.0.2.1 5683');
  assert.equal(peerKey('fe80::1%eth0', 1), 'fe80::1%eth0 1');
});

test('different peers have different keys', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6());
  const port = fc.integer({ min: 1, max: 65535 });
  fc.assert(
    fc.property(address, port, address, port, (oneAddress, onePort, otherAddress, otherPort) => {
      const same = oneAddress === otherAddress && onePort === otherPort;
      assert.equal(peerKey(oneAddress, onePort) === peerKey(otherAddress, otherPort), same);
    }),
  );
});
