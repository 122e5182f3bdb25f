import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from './decoder.js';
import { describe } from './describe.js';
import { type BadVector, type GoodVector, loadVectors } from './testing.js';

const line = (hex: string) => describe(decode(Buffer.from(hex, 'hex')));

test('the one-line description names what a person looks for', () => {
  const lines: [hex: string, line: string][] = [
    ['0500080384', 'ADVERTISE gwId=8 duration=900'],
    ['050201a1b2', 'GWINFO gwId=1 gwAdd=2 bytes'],
    ['0a040c01003c64657631', 'CONNECT will=true cleanSession=true protocolId=1 duration=60 clientId=dev1'],
    ['030501', 'CONNACK congestion'],
    ['0305ff', 'CONNACK code=255'],
    ['0206', 'WILLTOPICREQ'],
    ['04075077', 'WILLTOPIC Q2 R1 willTopic=w'],
    ['021a', 'WILLTOPICUPD none'],
    ['0609676f6e65', 'WILLMSG willMsg=4 bytes'],
    ['090a01020003612f62', 'REGISTER topicId=258 msgId=3 topicName=a/b'],
    ['070b0003000100', 'REGACK msgId=1 topicId=3 accepted'],
    ['0b0cb1000301023231 2e35', 'PUBLISH Q1 D1 R1 msgId=258 topic=predefined:3 data=4 bytes'],
    ['070c6261620000', 'PUBLISH Q-1 D0 R0 msgId=0 topic=short:ab data=0 bytes'],
    ['070d0003010202', 'PUBACK msgId=258 topicId=3 invalidTopicId'],
    ['040f0102', 'PUBREC msgId=258'],
    ['0812200007612f62', 'SUBSCRIBE Q1 D0 msgId=7 topic=normal:a/b'],
    ['07140100080002', 'UNSUBSCRIBE msgId=8 topic=predefined:2'],
    ['0813200003000700', 'SUBACK Q1 msgId=7 topicId=3 accepted'],
    ['0216', 'PINGREQ'],
    ['0218', 'DISCONNECT'],
    ['0418012c', 'DISCONNECT duration=300'],
    ['05fe020a01061664657631', 'ENCAPSULATED node=0a01 radius=2 PINGREQ clientId=dev1'],
  ];
  for (const [hex, expected] of lines) assert.equal(line(hex.replaceAll(' ', '')), expected);
});

test('hostile text stays on one line', () => {
  assert.equal(line('0716610a1b5b4a'), 'PINGREQ clientId=a\\n\\u001b[J');
  assert.equal(line('070c020a0d0000'), 'PUBLISH Q0 D0 R0 msgId=0 topic=short:\\n\\r data=0 bytes');
});

test('every vector that is a message has a description', () => {
  for (const { hex } of loadVectors<GoodVector>('layouts')) assert.match(line(hex), /^[A-Z]+( [^\n]+)?$/);
  for (const { hex } of loadVectors<BadVector>('bad')) assert.throws(() => line(hex), { name: 'FrameError' });
});
