import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IpRange, ipRangeError, isLoopbackAddress } from './ip-range.js';

const CASES: readonly (readonly [range: string, inside: readonly string[], outside: readonly string[]])[] = [
  ['192.0.2.7', ['192.0.2.7', '::ffff:192.0.2.7'], ['192.0.2.8', '192.0.2.6', '::1']],
  ['10.0.0.0/8', ['10.0.0.0', '10.255.255.255', '::FFFF:10.1.2.3'], ['11.0.0.0', '9.255.255.255']],
  ['10.1.2.3/8', ['10.9.9.9'], ['11.1.2.3']],
  ['192.0.2.4/30', ['192.0.2.4', '192.0.2.7'], ['192.0.2.3', '192.0.2.8']],
  ['0.0.0.0/0', ['0.0.0.0', '255.255.255.255'], ['::', 'fe80::1']],
  ['255.255.255.255', ['255.255.255.255'], ['255.255.255.254']],
  ['::1', ['::1', '0:0:0:0:0:0:0:1'], ['::2', '127.0.0.1']],
  ['fe80::/10', ['fe80::1', 'febf::'], ['fec0::', '10.0.0.1']],
  ['2001:db8::/32', ['2001:db8:ffff::'], ['2001:db9::']],
];

for (const [text, inside, outside] of CASES) {
  test(`${text} contains what it says and nothing else`, () => {
    assert.equal(ipRangeError(text), undefined);
    const range = new IpRange(text);
    for (const address of inside) assert.ok(range.contains(address), address);
    for (const address of [...outside, '', 'localhost', '10.0.0'])
      assert.ok(!range.contains(address), address);
  });
}

for (const text of [
  '',
  'all',
  '10.0.0',
  '10.0.0.0/33',
  '::/129',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0.0/-1',
  '300.1.1.1',
]) {
  test(`"${text}" is no range of addresses`, () => {
    assert.match(ipRangeError(text) ?? '', /is no IP address or range/);
    assert.throws(() => new IpRange(text), TypeError);
  });
}

test('an IPv4 range holds exactly the addresses with its prefix', () => {
  const addresses = fc.ipV4();
  fc.assert(
    fc.property(addresses, addresses, fc.integer({ min: 0, max: 32 }), (network, address, prefix) => {
      const bits = (text: string) =>
        text
          .split('.')
          .map((part) => Number(part).toString(2).padStart(8, '0'))
          .join('')
          .slice(0, prefix);
      return new IpRange(`${network}/${prefix}`).contains(address) === (bits(network) === bits(address));
    }),
  );
});

test('only loopback addresses are loopback', () => {
  for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1']) {
    assert.ok(isLoopbackAddress(address), address);
  }
  for (const address of ['0.0.0.0', '::', '192.0.2.1', 'localhost', '']) {
    assert.ok(!isLoopbackAddress(address), address);
  }
});
