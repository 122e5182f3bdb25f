import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CASES } from './cases/index.js';
import { parseOptions } from './options.js';

test('without options every case runs with all its peers', () => {
  assert.deepEqual(parseOptions([]), { help: false, cases: CASES, seconds: 5, runs: 3 });
});

test('--case and --peer choose, and cases without a chosen peer are left out', () => {
  const { cases } = parseOptions(['--case', 'fan-in', '--case', 'coap-put', '--peer', 'mosquitto']);
  assert.deepEqual(
    cases.map(({ name, peers }) => [name, peers.map((peer) => peer.name)]),
    [['fan-in', ['mosquitto']]],
  );
});

test('what does not exist or is no number is refused with what there is', () => {
  assert.throws(() => parseOptions(['--case', 'fan']), /no case fan: there are pairs, /);
  assert.throws(() => parseOptions(['--peer', 'x']), /no peer x: there are mosquitto, /);
  assert.throws(() => parseOptions(['--seconds', '0']), /--seconds takes a number above 0, not 0/);
  assert.throws(() => parseOptions(['--runs', 'many']), /--runs takes a number above 0, not many/);
});

test('a case without any of the peers asked for is refused with those that it has', () => {
  assert.throws(
    () => parseOptions(['--case', 'coap-put', '--peer', 'mosquitto']),
    /no case of these has one of these peers: coap-put has udp-echo, node-coap, portico/,
  );
});
