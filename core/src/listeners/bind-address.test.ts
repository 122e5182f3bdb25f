import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBindAddress } from './bind-address.js';

test('an address to bind to is read in all its forms', () => {
  const known: [string, string, number][] = [
    ['1883', '0.0.0.0', 1883],
    ['0', '0.0.0.0', 0],
    ['127.0.0.1:1883', '127.0.0.1', 1883],
    ['localhost:65535', 'localhost', 65535],
    ['edge-1.plant.example:1883', 'edge-1.plant.example', 1883],
    ['[::1]:1883', '::1', 1883],
    ['::1:1883', '::1', 1883],
    [':::1883', '::', 1883],
    ['2001:db8::7:8883', '2001:db8::7', 8883],
  ];
  for (const [text, host, port] of known) {
    assert.deepEqual(parseBindAddress(text), { ok: true, address: { host, port } }, text);
  }
});

test('what is wrong with an address is said', () => {
  const wrong: [string, RegExp][] = [
    ['', /must end in a port/],
    ['127.0.0.1', /must end in a port/],
    ['127.0.0.1:', /must end in a port/],
    ['127.0.0.1:65536', /must end in a port/],
    ['127.0.0.1:-1', /must end in a port/],
    ['127.0.0.1:mqtt', /must end in a port/],
    [':1883', /neither an IP address nor a host name/],
    ['999.0.0.1:1883', /not an IPv4 address/],
    ['1.2.3:1883', /not an IPv4 address/],
    ['[::g]:1883', /not an IPv6 address/],
    ['[127.0.0.1]:1883', /not an IPv6 address/],
    ['::1', /lacks a port: write \[::1\]:1883/],
    ['my host:1883', /neither an IP address nor a host name/],
    ['-x.example:1883', /neither an IP address nor a host name/],
  ];
  for (const [text, error] of wrong) {
    const result = parseBindAddress(text);
    assert.ok(!result.ok, text);
    assert.match(result.error, error, text);
  }
});
