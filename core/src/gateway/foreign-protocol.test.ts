import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foreignProtocolHint } from './foreign-protocol.js';

const CONNECT = Buffer.from('101000044d5154540402003c000461626364', 'hex');

test('what other protocols begin with is recognised', () => {
  const cases: [Buffer, RegExp][] = [
    [Buffer.from('1603010200010001fc0303', 'hex'), /TLS hello on a plain listener: use a tls listener/],
    [Buffer.from('16fefd0000', 'hex'), /DTLS hello/],
    [Buffer.from('GET /mqtt HTTP/1.1\r\n'), /HTTP request: WebSocket clients need a ws listener/],
    [Buffer.from('POST / HTTP/1.1\r\n'), /HTTP request/],
    [CONNECT, /MQTT CONNECT: use a listener of the mqtt gateway/],
    [Buffer.from('10a60100064d51497364700302003c', 'hex'), /MQTT CONNECT/],
  ];
  for (const [bytes, hint] of cases) assert.match(foreignProtocolHint(bytes, 'tcp') ?? '', hint);
});

test('a broken packet of the protocol of its own gateway, and anything else, is not taken for another', () => {
  assert.equal(foreignProtocolHint(CONNECT, 'mqtt'), undefined);
  for (const text of ['', 'G', 'GETTING', '\x16', '\x16\x02', 'hello'])
    assert.equal(foreignProtocolHint(Buffer.from(text, 'latin1'), 'tcp'), undefined, text);
});
