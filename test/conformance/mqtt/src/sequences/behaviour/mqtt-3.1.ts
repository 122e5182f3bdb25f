import type { Sequence, Step, Table } from '../../sequence.js';
import {
  connects,
  drops,
  gets,
  getsNothing,
  getsOnly,
  isClosed,
  isRefused,
  leaves,
  opens,
  passes,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import {
  ack,
  byte,
  type Connect,
  connect,
  disconnect,
  frame,
  PINGREQ,
  packet,
  publish,
  subscribe,
  text,
  unsubscribe,
} from '../../wire/write.js';

const version = 3;

/** MQTT 3.1 has no numbered statements; where it says the same as MQTT 3.1.1 other tables play both. */
function only31(name: string, steps: readonly Step[], config: Sequence['config'] = {}): Sequence {
  return { name, version, shows: [], config, steps };
}

/** A CONNECT of MQTT 3.1 and what comes of it. */
function login(name: string, fields: Connect, outcome: Step): Sequence {
  return only31(name, [opens(), sends(connect({ version, ...fields })), outcome]);
}

const accepted = gets({ type: 'connack', code: 0, sessionPresent: false });

const protocol = [
  login('protocol MQIsdp, level 3', {}, accepted),
  ...[0, 1, 2, 4, 6, 255].map((level) =>
    login(`protocol MQIsdp, level ${level}`, { version: level, protocol: 'MQIsdp' }, isRefused(1)),
  ),
  login('protocol MQTT, level 3', { protocol: 'MQTT' }, isRefused(1)),
  ...['mqisdp', 'MQISDP', 'MQIsd', 'MQIsdpp'].map((name) =>
    login(`protocol ${name}, level 3`, { protocol: name }, isRefused(1)),
  ),
];

const identifiers = [
  ...[1, 22, 23, 24, 64, 65_535].map((length) =>
    login(`a client identifier of ${length} bytes`, { clientId: 'i'.repeat(length) }, accepted),
  ),
  ...[true, false].map((cleanStart) =>
    login(`no client identifier, clean session ${cleanStart}`, { clientId: '', cleanStart }, isRefused(2)),
  ),
];

/** In MQTT 3.1 the end of the packet takes precedence over the flags of user name and password. */
const flags = [
  login('the user name flag without a user name', { flags: 0x82 }, accepted),
  login('both flags without user name and password', { flags: 0xc2 }, accepted),
  login('the password flag without a password', { username: 'u', flags: 0xc2 }, accepted),
  login('the password flag without the user name flag', { password: 'p', flags: 0x42 }, isClosed()),
  login('a user name that no flag announces', { username: 'u', flags: 0x02 }, isClosed()),
  login('the flag that is reserved later', { flags: 0x03 }, accepted),
  login('will QoS and will retain without a will', { flags: 0x3a }, accepted),
  login('a will QoS of 3', { will: { qos: 3 } }, isClosed()),
  login('the will flag without a will', { flags: 0x06 }, isClosed()),
  login('half a user name', { flags: 0x82, trailer: '0005 61' }, isClosed()),
];

/** The first byte of the packet with other flags. */
function flagged(bytes: Buffer, lower: number): Buffer {
  return Buffer.concat([byte((bytes.readUInt8(0) & 0xf0) | lower), bytes.subarray(1)]);
}

/** DUP and QoS mean something in packets for which MQTT 3.1.1 has one value, and nothing in the rest. */
const firstBytes = [0x0, 0x2, 0x8, 0xa, 0xf].flatMap((lower) => [
  only31(`SUBSCRIBE with flags ${lower.toString(2).padStart(4, '0')}`, [
    connects(),
    sends(flagged(subscribe({ version, packetId: 3, filters: [['t', 1]] }), lower)),
    gets({ type: 'suback', packetId: 3, codes: [1] }),
  ]),
  only31(`UNSUBSCRIBE with flags ${lower.toString(2).padStart(4, '0')}`, [
    connects(),
    sends(flagged(unsubscribe({ version, packetId: 3, filters: ['t'] }), lower)),
    gets({ type: 'unsuback', packetId: 3 }),
  ]),
  only31(`PUBREL with flags ${lower.toString(2).padStart(4, '0')}`, [
    connects(),
    sends(publish({ version, qos: 2, packetId: 3 })),
    gets({ type: 'pubrec', packetId: 3 }),
    sends(flagged(ack('pubrel', { version, packetId: 3 }), lower)),
    gets({ type: 'pubcomp', packetId: 3 }),
  ]),
  only31(`PINGREQ with flags ${lower.toString(2).padStart(4, '0')}`, [
    connects(),
    sends(flagged(PINGREQ, lower)),
    gets({ type: 'pingresp' }),
  ]),
  only31(`DISCONNECT with flags ${lower.toString(2).padStart(4, '0')}`, [
    connects({}, 'watch'),
    subscribes('will', 0, 'watch'),
    connects({ will: {} }),
    sends(flagged(disconnect(), lower)),
    isClosed(),
    getsNothing('watch'),
  ]),
]);

const repeated = [
  only31('SUBSCRIBE sent again with DUP is answered again', [
    connects(),
    sends(subscribe({ version, packetId: 3, filters: [['t', 1]] })),
    gets({ type: 'suback', packetId: 3 }),
    sends(flagged(subscribe({ version, packetId: 3, filters: [['t', 1]] }), 0xa)),
    gets({ type: 'suback', packetId: 3 }),
    connects({}, 'p'),
    publishes({ qos: 1 }, 'p'),
    takes({ qos: 1 }),
    getsNothing(),
  ]),
  only31('PUBREL sent again with DUP is completed again', [
    connects(),
    publishes({ qos: 2, packetId: 3 }),
    sends(flagged(ack('pubrel', { version, packetId: 3 }), 0xa)),
    gets({ type: 'pubcomp', packetId: 3 }),
  ]),
  only31('an unacknowledged PUBREL is sent again', [
    connects(),
    subscribes('t', 2),
    connects({}, 'p'),
    publishes({ qos: 2 }, 'p'),
    gets({ type: 'publish', packetId: 1, dup: false }),
    sends(ack('pubrec', { version })),
    gets({ type: 'pubrel', packetId: 1 }),
    passes(31),
    gets({ type: 'pubrel', packetId: 1 }),
    sends(ack('pubcomp', { version })),
    getsNothing(),
    passes(31),
    getsNothing(),
  ]),
  only31(
    'nothing is sent again without a retry interval',
    [
      connects(),
      subscribes('t', 1),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      gets({ type: 'publish', packetId: 1 }),
      passes(3600),
      getsNothing(),
    ],
    { retry_interval: 0 },
  ),
];

const NOWHERE = { access: { acl: [{ permit: 'deny', topics: ['closed/#'] }] } };

const sessions: Sequence[] = [
  only31('CONNACK never speaks of a session', [
    resumes(false),
    drops(),
    resumes(true),
    leaves(),
    connects({ cleanStart: false }, 'c', { flags: 0, sessionPresent: false }),
  ]),
  only31('a session goes on all the same', [
    resumes(false),
    subscribes('t', 1),
    drops(),
    connects({}, 'p'),
    publishes({ qos: 1, payload: '1' }, 'p'),
    resumes(true),
    takes({ payload: '1', qos: 1 }),
    publishes({ qos: 1, payload: '2' }, 'p'),
    takes({ payload: '2' }),
  ]),
  {
    ...only31('a subscription that is refused', [
      connects(),
      sends(
        subscribe({
          version,
          filters: [
            ['closed/t', 1],
            ['t', 1],
          ],
        }),
      ),
      gets({ type: 'suback', codes: [0x80, 1] }),
      publishes({ topic: 'closed/t', qos: 1 }),
      getsNothing(),
    ]),
    sections: NOWHERE,
  },
];

const malformed = [
  only31('a PUBLISH with wildcards', [connects(), sends(publish({ version, topic: 'a/+' })), isClosed()]),
  only31('a PUBLISH with QoS 3', [connects(), sends(publish({ version, qos: 3 })), isClosed()]),
  only31('a PUBLISH of QoS 1 without a packet identifier', [
    connects(),
    sends(packet('publish', [text('t')], 2)),
    isClosed(),
  ]),
  only31('a SUBSCRIBE with QoS 3', [
    connects(),
    sends(subscribe({ version, filters: [['t', 3]] })),
    isClosed(),
  ]),
  only31('a SUBSCRIBE with a filter cut short', [
    connects(),
    sends(packet('subscribe', ['0001', '0005 61'])),
    isClosed(),
  ]),
  only31('packet type 0', [connects(), sends(frame(0x00)), isClosed()]),
  only31('packet type 15', [connects(), sends(frame(0xf0)), isClosed()]),
  only31('DISCONNECT with anything in it', [connects(), sends(frame(0xe0, '00')), isClosed()]),
  only31('PUBACK with anything behind the packet identifier', [
    connects(),
    sends(frame(0x40, '0001 00')),
    isClosed(),
  ]),
];

const text31 = [
  only31('a topic of characters outside ASCII', [
    connects(),
    subscribes('b\u00fcro/\u{1f680}'),
    connects({}, 'p'),
    publishes({ topic: 'b\u00fcro/\u{1f680}' }, 'p'),
    getsOnly([{ type: 'publish', topic: 'b\u00fcro/\u{1f680}' }]),
  ]),
  only31('a topic with U+0000', [connects(), sends(publish({ version, topic: 'a\0b' })), isClosed()]),
  only31(
    'ill-formed UTF-8 in strict mode',
    [connects(), sends(publish({ version, topic: Buffer.from('61ff', 'hex') })), isClosed()],
    { strict_mode: true },
  ),
  only31('ill-formed UTF-8 without strict mode', [
    connects(),
    sends(publish({ version, topic: Buffer.from('61ff', 'hex') })),
    getsNothing(),
  ]),
];

/** MQTT 3.1, where it differs from MQTT 3.1.1. */
export const mqtt31Table: Table = {
  title: 'MQTT 3.1',
  sequences: [
    ...protocol,
    ...identifiers,
    ...flags,
    ...firstBytes,
    ...repeated,
    ...sessions,
    ...malformed,
    ...text31,
  ],
};
