import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe } from './describe.js';
import type { Packet } from './packet.js';

const LINES: readonly (readonly [Packet, string])[] = [
  [
    {
      type: 'publish',
      topic: 'a/b',
      payload: Buffer.alloc(12),
      qos: 1,
      dup: false,
      retain: true,
      packetId: 5,
      properties: { topicAlias: 3, userProperties: [['k', 'v']] },
    },
    'PUBLISH Q1 D0 R1 id=5 topic=a/b payload=12 bytes topicAlias=3 userProperties=k,v',
  ],
  [
    {
      type: 'connect',
      protocolVersion: 5,
      cleanStart: true,
      keepAlive: 60,
      clientId: 'c\n1',
      username: 'joe',
      password: Buffer.from('secret'),
      will: {
        topic: 'w',
        payload: Buffer.alloc(0),
        qos: 2,
        retain: false,
        properties: { willDelayInterval: 5 },
      },
      properties: { authenticationMethod: 'M', authenticationData: Buffer.from('secret') },
    },
    'CONNECT version=5 cleanStart=true keepAlive=60 clientId=c\\n1 username=joe password=6 bytes will=Q2 R0 topic=w willDelayInterval=5 authenticationMethod=M authenticationData=6 bytes',
  ],
  [
    { type: 'connect', protocolVersion: 4, cleanStart: false, keepAlive: 0, clientId: '' },
    'CONNECT version=4 cleanStart=false keepAlive=0 clientId=',
  ],
  [
    { type: 'connack', sessionPresent: false, reasonCode: 0x87, properties: { reasonString: 'no' } },
    'CONNACK sessionPresent=false 0x87 (Not authorized) reasonString=no',
  ],
  [{ type: 'connack', sessionPresent: false, reasonCode: 5 }, 'CONNACK sessionPresent=false 0x05'],
  [{ type: 'pubrel', packetId: 9, reasonCode: 0x92 }, 'PUBREL id=9 0x92 (Packet Identifier not found)'],
  [
    {
      type: 'subscribe',
      packetId: 1,
      subscriptions: [{ filter: 'a/+', qos: 2, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
    },
    'SUBSCRIBE id=1 a/+:Q2',
  ],
  [
    { type: 'suback', packetId: 1, reasonCodes: [2, 0x8f] },
    'SUBACK id=1 0x02 (Granted QoS 2) 0x8f (Topic Filter invalid)',
  ],
  [{ type: 'unsubscribe', packetId: 1, filters: ['a', 'b'] }, 'UNSUBSCRIBE id=1 a b'],
  [{ type: 'unsuback', packetId: 1, reasonCodes: [0] }, 'UNSUBACK id=1 0x00 (Success)'],
  [{ type: 'disconnect', reasonCode: 0x8e }, 'DISCONNECT 0x8e (Session taken over)'],
  [{ type: 'pingreq' }, 'PINGREQ'],
];

for (const [packet, line] of LINES) {
  test(line, () => assert.equal(describe(packet), line));
}
