import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertFaultStaysUndecoded } from '@portico/frame/testing';
import { MqttDecoder } from './decoder.js';
import { encodeToBuffer } from './encoder.js';
import type { ProtocolVersion, Publish, ReceivedPacket } from './packet.js';

function publish(topic: string, payload = 'x'): Publish {
  return {
    type: 'publish',
    topic,
    payload: Buffer.from(payload),
    qos: 0,
    retain: false,
    dup: false,
    packetId: 0,
  };
}

function decoderFor(bytes: Buffer, version: ProtocolVersion = 4, strictText = true): MqttDecoder {
  const decoder = new MqttDecoder({ maxPacketSize: 1024, version, strictText });
  decoder.push(bytes);
  return decoder;
}

function topicOf(packet: ReceivedPacket | undefined): string {
  assert.equal(packet?.type, 'publish');
  return packet.topic;
}

test('CONNECT teaches the version of what follows', () => {
  const connect = { type: 'connect', cleanStart: true, keepAlive: 0, clientId: 'c' } as const;
  const auth = { type: 'auth', reasonCode: 0 } as const;
  const stream = [encodeToBuffer({ ...connect, protocolVersion: 5 }, 5), encodeToBuffer(auth, 5)];
  const decoder = decoderFor(Buffer.concat(stream));
  assert.equal(decoder.version, 4);
  assert.equal(decoder.next()?.type, 'connect');
  assert.equal(decoder.version, 5);
  assert.equal(decoder.next()?.type, 'auth');
  assert.equal(decoder.next(), undefined);
  assert.equal(decoder.buffered, 0);
});

test('a fault says in which version to answer it, also when CONNECT itself is at fault', () => {
  const faults = [
    { hex: '100d00044d51545405030000000001', version: 5 },
    { hex: '100c00044d5154540403000000016300', version: 4 },
    { hex: '100c00064d514973647004020000', version: 4 },
    { hex: '100d00044d5154540602000000000163', version: 4 },
  ];
  for (const { hex, version } of faults) {
    assert.throws(() => decoderFor(Buffer.from(hex, 'hex')).next(), { name: 'FrameError', version });
  }
});

test('a remaining length longer than needed is refused from MQTT 5 on, in CONNECT too', () => {
  const ofMqtt311 = Buffer.from('108d0000044d51545404020000000163', 'hex');
  assert.equal(decoderFor(ofMqtt311).next()?.type, 'connect');
  const ofMqtt5 = Buffer.from('108e0000044d5154540502000000000163', 'hex');
  assert.throws(() => decoderFor(ofMqtt5).next(), { code: 'malformed_packet', version: 5 });
  const pingreq = Buffer.from('c08000', 'hex');
  assert.equal(decoderFor(pingreq, 4).next()?.type, 'pingreq');
  assert.throws(() => decoderFor(pingreq, 5).next(), { code: 'malformed_packet' });
});

test('a fault counts its offset from the start of the packet', () => {
  const good = encodeToBuffer(publish('a'), 4);
  const decoder = decoderFor(
    Buffer.concat([good, Buffer.from('3003000161', 'hex'), Buffer.from('320400000001', 'hex')]),
  );
  assert.equal(topicOf(decoder.next()), 'a');
  assert.equal(topicOf(decoder.next()), 'a');
  assert.throws(() => decoder.next(), { offset: 6 });
});

test('what is wrong with the fixed header is at its byte, and told before the rest is there', () => {
  const faults: [hex: string, offset: number, message: string][] = [
    ['00', 0, 'packet type 0 is reserved'],
    ['01ffff', 0, 'packet type 0 is reserved'],
    ['f0', 0, 'packet type 15 is reserved before MQTT 5'],
    ['8003000161', 0, 'fixed header flags 0 in subscribe'],
    ['30ffffffffff', 1, 'a remaining length of more than four bytes'],
    ['30ffffff7f', 1, 'a packet of 268435460 bytes, more than 1000'],
  ];
  for (const [hex, offset, message] of faults) {
    const decoder = new MqttDecoder({ maxPacketSize: 1000 });
    decoder.push(Buffer.from(hex, 'hex'));
    assert.throws(() => decoder.next(), { code: /./, offset, message }, hex);
  }
  const mqtt5 = new MqttDecoder({ maxPacketSize: 1000, version: 5 });
  mqtt5.push(Buffer.from('c08000', 'hex'));
  assert.throws(() => mqtt5.next(), { offset: 1, message: 'a remaining length longer than needed' });
});

test('after a fault the bytes of the bad packet are there to be looked at', () => {
  const good = encodeToBuffer(publish('a'), 4);
  const bad = [
    Buffer.from('8000', 'hex'), // flags
    Buffer.from('30ffffff7f', 'hex'), // too large
    Buffer.from('30050003612f2b00', 'hex'), // a wildcard
    Buffer.from('40030001ff', 'hex'), // a reason code before MQTT 5
    Buffer.from('c00100', 'hex'), // a byte behind the end
    Buffer.from(`POST /mqtt HTTP/1.1\r\nHost: hub\r\nContent-Type: text/plain\r\n\r\n${'x'.repeat(40)}`),
  ];
  for (const bytes of bad) {
    assertFaultStaysUndecoded(() => new MqttDecoder({ maxPacketSize: 1024 }), good, bytes);
  }
});

test('the payload is a view into the chunk, cut out once', () => {
  const bytes = encodeToBuffer(publish('a', 'payload'), 4);
  const packet = decoderFor(bytes).next();
  assert.equal(packet?.type, 'publish');
  assert.equal(packet.payload, packet.payload);
  bytes.write('P', bytes.length - 7);
  assert.equal(packet.payload.toString(), 'Payload');
});

test('correlation data is a copy, good after the chunk is gone', () => {
  const correlationData = Buffer.from('id-1');
  const bytes = encodeToBuffer({ ...publish('a'), properties: { correlationData } }, 5);
  const packet = decoderFor(bytes, 5).next();
  bytes.fill(0);
  assert.equal(packet?.type, 'publish');
  assert.deepEqual(packet.properties?.correlationData, correlationData);
});

test('a held decoder goes on when its chunk is overwritten', () => {
  const chunk = Buffer.concat(
    [publish('a'), publish('b'), publish('c')].map((packet) => encodeToBuffer(packet, 4)),
  );
  const decoder = decoderFor(chunk);
  assert.equal(topicOf(decoder.next()), 'a');
  decoder.keep();
  chunk.fill(0);
  assert.equal(topicOf(decoder.next()), 'b');
  assert.equal(topicOf(decoder.next()), 'c');
  assert.equal(decoder.next(), undefined);
});

test('topics are told apart however alike they are, and however long', () => {
  const topics = [
    'a/b/1',
    'a/b/2',
    'a/b/2',
    'a/b',
    'a/b/2',
    'é',
    'é',
    '',
    'x'.repeat(300),
    'a/b',
    'x'.repeat(300),
  ];
  const alias = { topicAlias: 1 };
  const stream = topics.map((topic) => encodeToBuffer({ ...publish(topic), properties: alias }, 5));
  const decoder = new MqttDecoder({ maxPacketSize: 1024, version: 5 });
  for (const [i, bytes] of stream.entries()) {
    decoder.push(bytes);
    assert.equal(topicOf(decoder.next()), topics[i]);
    assert.equal(decoder.next(), undefined);
  }
});

test('a refused topic is not remembered as a good one', () => {
  const bad = Buffer.from('30050003612f2b', 'hex');
  const decoder = decoderFor(bad);
  assert.throws(() => decoder.next(), { code: 'topic_name_invalid' });
  const empty = new MqttDecoder({ maxPacketSize: 1024, version: 4 });
  for (let i = 0; i < 2; i++) {
    empty.push(Buffer.from('30020000', 'hex'));
    assert.throws(() => empty.next(), { code: 'topic_name_invalid' });
  }
});

test('without strictText ill-formed text is replaced, but U+0000 is still refused', () => {
  const illFormed = Buffer.from('3005000361c362', 'hex');
  assert.throws(() => decoderFor(illFormed).next(), { code: 'malformed_packet' });
  assert.equal(topicOf(decoderFor(illFormed, 4, false).next()), 'a\ufffdb');
  assert.throws(() => decoderFor(Buffer.from('30050003c30062', 'hex'), 4, false).next(), {
    code: 'malformed_packet',
  });
});

test('control characters and non-characters are refused where text is strict, and taken elsewhere', () => {
  const unwelcome = ['\u0001', '\u001f', '\u007f', '\u009f', '\ufdd0', '\uffff', '\u{1fffe}'];
  for (const character of unwelcome) {
    const bytes = () => encodeToBuffer(publish(`a${character}`), 4);
    assert.equal(topicOf(decoderFor(bytes(), 4, false).next()), `a${character}`);
    assert.throws(() => decoderFor(bytes(), 4, true).next(), { code: 'malformed_packet' });
  }
  assert.equal(topicOf(decoderFor(encodeToBuffer(publish('~é\u{2a6d4}'), 4), 4, true).next()), '~é\u{2a6d4}');
});

test('what only servers send is refused from a client by its first byte', () => {
  for (const firstByte of [0x20, 0x90, 0xb0, 0xd0, 0xdf]) {
    const decoder = new MqttDecoder({ maxPacketSize: 1024, version: 5, fromClient: true });
    decoder.push(Buffer.from([firstByte, 0x10]));
    assert.throws(() => decoder.next(), { code: 'protocol_error' });
  }
});

test('a packet of exactly the maximum size is taken, one byte more is refused by its header', () => {
  const bytes = encodeToBuffer(publish('t', 'x'.repeat(95)), 4);
  assert.equal(bytes.length, 100);
  const exact = new MqttDecoder({ maxPacketSize: 100 });
  exact.push(bytes);
  assert.equal(topicOf(exact.next()), 't');
  const small = new MqttDecoder({ maxPacketSize: 99 });
  small.push(bytes.subarray(0, 2));
  assert.throws(() => small.next(), { code: 'packet_too_large' });
});

test('what is announced costs no memory before it arrives', () => {
  const decoder = new MqttDecoder({ maxPacketSize: 268_435_460 });
  decoder.push(Buffer.from('30ffffff7f', 'hex'));
  assert.equal(decoder.next(), undefined);
  assert.equal(decoder.buffered, 5);
});

test('1,000 user properties are taken in a packet, or in a will, and not one more', () => {
  const bytes = (count: number, carrier: 'publish' | 'will') => {
    const properties = { userProperties: Array<readonly [string, string]>(count).fill(['', '']) };
    const message = { ...publish('t'), properties };
    const connect = {
      type: 'connect',
      protocolVersion: 5,
      cleanStart: true,
      keepAlive: 0,
      clientId: 'c',
    } as const;
    return encodeToBuffer(carrier === 'publish' ? message : { ...connect, will: message }, 5);
  };
  const decoded = (count: number, carrier: 'publish' | 'will') => {
    const decoder = new MqttDecoder({ maxPacketSize: 100_000, version: 5 });
    decoder.push(bytes(count, carrier));
    return decoder.next()?.type;
  };
  assert.equal(decoded(1000, 'publish'), 'publish');
  assert.equal(decoded(1000, 'will'), 'connect');
  for (const carrier of ['publish', 'will'] as const) {
    assert.throws(() => decoded(1001, carrier), { code: 'quota_exceeded' });
  }
});
