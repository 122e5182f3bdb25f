import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  Command,
  INETProtocol,
  IPv4Address,
  IPv4ProxyAddress,
  IPv6Address,
  type IPv6AddressTuple,
  IPv6ProxyAddress,
  Peer,
  TransportProtocol,
  V1ProxyProtocol,
  V2ProxyProtocol,
} from 'proxy-protocol-js';
import { type ProxyHeader, ProxyProtocolError } from './header.js';
import { looksLikeProxyHeader, ProxyHeaderReader } from './reader.js';

const SIGNATURE = '0d0a0d0a000d0a515549540a';

function hex(...parts: string[]): Buffer {
  return Buffer.from(parts.join('').replaceAll(' ', ''), 'hex');
}

function tlv(type: number, value: Buffer | string): Buffer {
  const bytes = Buffer.from(value);
  const head = Buffer.alloc(3);
  head.writeUInt8(type);
  head.writeUInt16BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** A version 2 header for 192.0.2.1:40000 → 192.0.2.11:443 with the given TLVs. */
function v2With(...tlvs: Buffer[]): Buffer {
  const body = Buffer.concat([hex('c0000201 c000020b 9c40 01bb'), ...tlvs]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return Buffer.concat([hex(SIGNATURE, '2111'), length, body]);
}

function ssl(flags: number, verify: number, ...tlvs: Buffer[]): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(verify, 1);
  return tlv(0x20, Buffer.concat([head, ...tlvs]));
}

function read(bytes: Uint8Array | string): ProxyHeader | undefined {
  return new ProxyHeaderReader().push(Buffer.from(bytes));
}

function addressesOf(header: ProxyHeader | undefined): string | undefined {
  const both = header?.addresses;
  return both && `${both.source.host} ${both.source.port} ${both.destination.host} ${both.destination.port}`;
}

function faultOf(bytes: Buffer | string): string | undefined {
  try {
    read(bytes);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ProxyProtocolError);
    return error.fault;
  }
}

test('version 1: the lines of the specification', () => {
  const known: [string, string | undefined][] = [
    ['PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n', '192.168.0.1 56324 192.168.0.11 443'],
    [
      'PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n',
      '255.255.255.255 65535 255.255.255.255 65535',
    ],
    [
      `PROXY TCP6 ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535\r\n`,
      `${'ffff:'.repeat(7)}ffff 65535 ${'ffff:'.repeat(7)}ffff 65535`,
    ],
    ['PROXY TCP6 2001:DB8:0:0::1 ::1 1 0\r\n', '2001:db8::1 1 ::1 0'],
    ['PROXY UNKNOWN\r\n', undefined],
    [`PROXY UNKNOWN ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535\r\n`, undefined],
  ];
  for (const [line, addresses] of known) {
    const header = read(line);
    assert.equal(header?.version, 1, line);
    assert.equal(addressesOf(header), addresses, line);
  }
});

test('version 1: lines that are not exactly as specified are refused', () => {
  const wrong: [string, string][] = [
    ['GET / HTTP/1.1\r\n', 'no_header'],
    ['proxy TCP4 1.2.3.4 1.2.3.4 1 1\r\n', 'no_header'],
    ['PROXY\tTCP4', 'no_header'],
    ['PROXY TCP5 1.2.3.4 1.2.3.4 1 1\r\n', 'bad_family'],
    ['PROXY  TCP4 1.2.3.4 1.2.3.4 1 1\r\n', 'bad_family'],
    ['PROXY \r\n', 'bad_family'],
    ['PROXY TCP4 1.2.3.400 1.2.3.4 1 1\r\n', 'bad_address'],
    ['PROXY TCP4 01.2.3.4 1.2.3.4 1 1\r\n', 'bad_address'],
    ['PROXY TCP4 ::1 ::1 1 1\r\n', 'bad_address'],
    ['PROXY TCP6 1.2.3.4 1.2.3.4 1 1\r\n', 'bad_address'],
    ['PROXY TCP6 fe80::1%eth0 ::1 1 1\r\n', 'bad_address'],
    ['PROXY TCP4\r\n', 'bad_address'],
    ['PROXY TCP4 1.2.3.4 1.2.3.4 65536 1\r\n', 'bad_port'],
    ['PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n', 'bad_port'],
    ['PROXY TCP4 1.2.3.4 1.2.3.4 -1 1\r\n', 'bad_port'],
    ['PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n', 'bad_port'],
    ['PROXY TCP4 1.2.3.4 1.2.3.4 1 1\n\r\n', 'bad_port'],
    ['PROXY TCP4 1.2.3.4 1.2.3.4 1 1 \r\n', 'bad_length'],
    [`PROXY UNKNOWN ${'x'.repeat(93)}`, 'too_long'],
    [`PROXY UNKNOWN ${'x'.repeat(92)}\r\n`, 'too_long'],
  ];
  for (const [line, fault] of wrong) assert.equal(faultOf(line), fault, JSON.stringify(line));
});

test('version 2: IPv4, IPv6 and headers without addresses of ours', () => {
  const unix = '00'.repeat(216);
  const known: [string, string | undefined][] = [
    [`${SIGNATURE} 21 11 000c c0000201 c000020b 9c40 01bb`, '192.0.2.1 40000 192.0.2.11 443'],
    [`${SIGNATURE} 21 12 000c c0000201 c000020b 9c40 01bb`, '192.0.2.1 40000 192.0.2.11 443'],
    [
      `${SIGNATURE} 21 21 0024 20010db8000000000000000000000001 00000000000000000000ffffc0000201 ffff 0000`,
      '2001:db8::1 65535 192.0.2.1 0',
    ],
    [`${SIGNATURE} 20 00 0000`, undefined],
    [`${SIGNATURE} 20 11 000c c0000201 c000020b 9c40 01bb`, undefined],
    [`${SIGNATURE} 21 00 0003 ffffff`, undefined],
    [`${SIGNATURE} 21 31 00d8 ${unix}`, undefined],
  ];
  for (const [bytes, addresses] of known) {
    const header = read(hex(bytes));
    assert.equal(header?.version, 2, bytes);
    assert.equal(addressesOf(header), addresses, bytes);
  }
});

test('version 2: headers that are not as specified are refused', () => {
  const wrong: [string, string][] = [
    [`${SIGNATURE.slice(0, 22)} 0b`, 'no_header'],
    [`${SIGNATURE} 11 11 000c ${'00'.repeat(12)}`, 'bad_version'],
    [`${SIGNATURE} 22 11 000c ${'00'.repeat(12)}`, 'bad_command'],
    [`${SIGNATURE} 21 41 000c ${'00'.repeat(12)}`, 'bad_family'],
    [`${SIGNATURE} 21 13 000c ${'00'.repeat(12)}`, 'bad_family'],
    [`${SIGNATURE} 21 11 000b ${'00'.repeat(11)}`, 'bad_length'],
    [`${SIGNATURE} 21 21 000c ${'00'.repeat(12)}`, 'bad_length'],
    [`${SIGNATURE} 21 11 000e ${'00'.repeat(12)} 0400`, 'bad_length'],
    [`${SIGNATURE} 21 11 0010 ${'00'.repeat(12)} 04000200`, 'bad_length'],
    [`${SIGNATURE} 21 11 0011 ${'00'.repeat(12)} 2000020102`, 'bad_length'],
    [`${SIGNATURE} 21 11 3ff1`, 'too_long'],
  ];
  for (const [bytes, fault] of wrong) assert.equal(faultOf(hex(bytes)), fault, bytes);
});

test('version 2: the name that the client asked for, among TLVs that mean nothing here', () => {
  const header = read(v2With(tlv(0x01, 'mqtt'), tlv(0x04, ''), tlv(0x02, 'iot.example'), tlv(0xea, 'vpce')));
  assert.equal(header?.authority, 'iot.example');
  assert.equal(header?.certificate, undefined);
});

test('version 2: the common name of a verified client certificate', () => {
  const name = tlv(0x22, 'device, 7');
  const header = read(v2With(ssl(0x07, 0, tlv(0x21, 'TLSv1.3'), name)));
  assert.deepEqual(header?.certificate, {
    commonName: 'device, 7',
    subject: 'CN=device\\, 7',
    issuer: '',
    der: undefined,
  });
  assert.equal(read(v2With(ssl(0x05, 0, name)))?.certificate?.commonName, 'device, 7');
  assert.equal(read(v2With(ssl(0x07, 1, name)))?.certificate, undefined, 'not verified');
  assert.equal(read(v2With(ssl(0x01, 0, name)))?.certificate, undefined, 'none presented');
  assert.equal(read(v2With(ssl(0x07, 0)))?.certificate, undefined, 'no name');
});

test('a header may come in any pieces, and what follows it is the client’s', () => {
  const v1 = Buffer.from('PROXY TCP6 2001:db8::1 ::1 1 2\r\n');
  const v2 = v2With(tlv(0x02, 'iot.example'), ssl(0x07, 0, tlv(0x22, 'device')));
  const following = Buffer.from('CONNECT');
  fc.assert(
    fc.property(fc.constantFrom(v1, v2), fc.array(fc.nat(), { maxLength: 8 }), (header, cuts) => {
      const stream = Buffer.concat([header, following]);
      const reader = new ProxyHeaderReader();
      const ends = [...cuts.map((cut) => cut % stream.length), stream.length].sort((a, b) => a - b);
      let start = 0;
      let found: ProxyHeader | undefined;
      for (const end of ends) {
        found = reader.push(stream.subarray(start, end));
        start = end;
        if (found !== undefined) break;
      }
      assert.deepEqual(found, read(header));
      assert.equal(reader.rest.toString() + stream.toString('latin1', start), 'CONNECT');
    }),
  );
});

test('no bytes whatever make anything but a header, a request for more, or a ProxyProtocolError', () => {
  const start = fc.constantFrom(
    Buffer.from('PROXY '),
    hex(SIGNATURE),
    hex(SIGNATURE, '2111'),
    Buffer.alloc(0),
  );
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 80 }), (prefix, rest) => {
      faultOf(Buffer.concat([prefix, rest]));
    }),
    { numRuns: 2000 },
  );
});

test('headers written by another implementation say the same here', () => {
  const port = fc.integer({ min: 0, max: 65535 });
  const octet = fc.nat(255);
  const v4 = fc.tuple(octet, octet, octet, octet);
  const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(v4, port, v4, port, (source, sourcePort, destination, destinationPort) => {
      const peers = [
        new Peer(source.join('.'), sourcePort),
        new Peer(destination.join('.'), destinationPort),
      ];
      const line = new V1ProxyProtocol(INETProtocol.TCP4, ...(peers as [Peer, Peer])).build();
      const from = IPv4Address.createFrom(source);
      const to = IPv4Address.createFrom(destination);
      const bytes = v2Of(new IPv4ProxyAddress(from, sourcePort, to, destinationPort));
      const expected = `${source.join('.')} ${sourcePort} ${destination.join('.')} ${destinationPort}`;
      assert.equal(addressesOf(read(line)), expected);
      assert.equal(addressesOf(read(bytes)), expected);
    }),
  );
  fc.assert(
    fc.property(v6, port, v6, port, (source, sourcePort, destination, destinationPort) => {
      const from = IPv6Address.createFrom([...source] as IPv6AddressTuple);
      const to = IPv6Address.createFrom([...destination] as IPv6AddressTuple);
      const bytes = v2Of(new IPv6ProxyAddress(from, sourcePort, to, destinationPort));
      const line = `PROXY TCP6 ${ipv6(source)} ${ipv6(destination)} ${sourcePort} ${destinationPort}\r\n`;
      assert.equal(addressesOf(read(bytes)), addressesOf(read(line)));
    }),
  );
});

function v2Of(address: IPv4ProxyAddress | IPv6ProxyAddress): Uint8Array {
  return new V2ProxyProtocol(Command.PROXY, TransportProtocol.STREAM, address).build();
}

function ipv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    Buffer.from(bytes)
      .readUInt16BE(i * 2)
      .toString(16),
  );
  return groups.join(':');
}

test('only what begins like a PROXY header looks like one', () => {
  assert.equal(looksLikeProxyHeader(Buffer.from('PROXY TCP4 ')), true);
  assert.equal(looksLikeProxyHeader(hex(SIGNATURE)), true);
  assert.equal(looksLikeProxyHeader(hex(SIGNATURE).subarray(0, 8)), true);
  for (const other of ['', 'P', 'PROXY', 'CONNECT\n\n', '\r\n\r\nCONNECT\n', '\x10\x0c\0\x04MQTT']) {
    assert.equal(looksLikeProxyHeader(Buffer.from(other)), false, JSON.stringify(other));
  }
});
