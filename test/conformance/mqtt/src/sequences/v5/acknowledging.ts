import { mqtt5, type Step, type Table } from '../../sequence.js';
import {
  connects,
  counts,
  drops,
  gets,
  getsNothing,
  getsOnly,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { type Ack, ack, publish } from '../../wire/write.js';

type Form = Omit<Ack, 'version' | 'packetId'>;

/** What may be left out of an acknowledgement, MQTT 5 §3.4.2.1 and §3.4.2.2.1. */
const FORMS: Readonly<Record<string, Form>> = {
  'without a reason code': {},
  'with a reason code': { code: 0 },
  'with a property length of 0': { code: 0, properties: [] },
  'with a reason string': { code: 0, properties: [['Reason String', 'fine']] },
  'with user properties': {
    code: 0,
    properties: [
      ['User Property', ['a', 'b']],
      ['User Property', ['a', 'b']],
    ],
  },
  'with everything': {
    code: 0,
    properties: [
      ['User Property', ['a', 'b']],
      ['Reason String', ''],
    ],
  },
};

const ask = (qos: number): Step[] => [
  resumes(false),
  subscribes('t', qos),
  connects({}, 'p'),
  publishes({ qos }, 'p'),
  gets({ type: 'publish', qos, packetId: 1 }),
];

/** Nothing is left of the delivery. */
const isOver: readonly Step[] = [getsNothing(), drops(), resumes(true), getsNothing()];

const forms = Object.entries(FORMS).flatMap(([name, form]) => {
  const sent = (type: Parameters<typeof ack>[0]) => sends(ack(type, { version: 5, ...form }));
  return [
    mqtt5(`PUBACK ${name}`, ['MQTT-4.3.2-3'], [...ask(1), sent('puback'), ...isOver]),
    mqtt5(
      `PUBREC ${name}`,
      ['MQTT-4.3.3-4', 'MQTT-4.3.3-3'],
      [
        ...ask(2),
        sent('pubrec'),
        getsOnly([{ type: 'pubrel', packetId: 1, code: 0 }]),
        drops(),
        resumes(true),
        getsOnly([{ type: 'pubrel', packetId: 1, code: 0 }]),
      ],
    ),
    mqtt5(
      `PUBREL ${name}`,
      ['MQTT-4.3.3-11'],
      [
        connects(),
        sends(publish({ version: 5, qos: 2 })),
        gets({ type: 'pubrec', packetId: 1 }),
        sent('pubrel'),
        getsOnly([{ type: 'pubcomp', packetId: 1, code: 0 }]),
      ],
    ),
    mqtt5(
      `PUBCOMP ${name}`,
      ['MQTT-4.3.3-5'],
      [
        ...ask(2),
        sends(ack('pubrec', { version: 5 })),
        gets({ type: 'pubrel', packetId: 1 }),
        sent('pubcomp'),
        ...isOver,
      ],
    ),
  ];
});

const REFUSING = [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
const hex = (code: number) => `0x${code.toString(16)}`;

const refusals = REFUSING.flatMap((code) => [
  mqtt5(
    `PUBACK with ${hex(code)}: the message is not sent again`,
    ['MQTT-4.4.0-2'],
    [...ask(1), sends(ack('puback', { version: 5, code })), ...isOver],
  ),
  mqtt5(
    `PUBREC with ${hex(code)}: no PUBREL, and nothing is sent again`,
    ['MQTT-4.4.0-2', 'MQTT-4.3.3-4'],
    [...ask(2), sends(ack('pubrec', { version: 5, code })), ...isOver],
  ),
]);

const DENYING = {
  sections: { access: { acl: [{ permit: 'deny', action: 'publish', topics: ['closed'] }] } },
  config: { max_topic_levels: 2, payload_format_validation: true },
} as const;

interface Published {
  readonly name: string;
  readonly packet: Omit<Parameters<typeof publish>[0], 'version' | 'qos'>;
  readonly code: number;
}

const PUBLISHED: readonly Published[] = [
  { name: 'somebody is subscribed', packet: { topic: 't' }, code: 0 },
  { name: 'nobody is subscribed', packet: { topic: 'nobody' }, code: 0x10 },
  {
    name: 'nobody is subscribed, but the message is retained',
    packet: { topic: 'nobody', retain: true },
    code: 0x10,
  },
  { name: 'it is not allowed', packet: { topic: 'closed' }, code: 0x87 },
  { name: 'the topic has too many levels', packet: { topic: 'a/b/c' }, code: 0x90 },
  {
    name: 'the payload is not the text it says to be',
    packet: { topic: 't', payload: Buffer.from('ff', 'hex'), properties: [['Payload Format Indicator', 1]] },
    code: 0x99,
  },
];

/** The answer of the server, and that a refused message is forgotten. */
const answers = PUBLISHED.flatMap(({ name, packet, code }) => [
  mqtt5(
    `PUBACK has ${hex(code)} when ${name}`,
    ['MQTT-3.4.2-1', 'MQTT-4.3.2-4'],
    [
      connects({}, 'watch'),
      subscribes('t', 0, 'watch'),
      connects(),
      sends(publish({ version: 5, qos: 1, packetId: 5, ...packet })),
      getsOnly([{ type: 'puback', packetId: 5, code }]),
    ],
    DENYING,
  ),
  mqtt5(
    `PUBREC has ${hex(code)} when ${name}`,
    ['MQTT-3.5.2-1', 'MQTT-4.3.3-8', 'MQTT-4.3.3-9'],
    [
      connects({}, 'watch'),
      subscribes('t', 0, 'watch'),
      connects(),
      sends(publish({ version: 5, qos: 2, packetId: 5, ...packet })),
      getsOnly([{ type: 'pubrec', packetId: 5, code }]),
      sends(ack('pubrel', { version: 5, packetId: 5 })),
      getsOnly([{ type: 'pubcomp', packetId: 5, code: code < 0x80 ? 0 : 0x92 }]),
      sends(publish({ version: 5, qos: 2, packetId: 5, payload: 'next' })),
      getsOnly([{ type: 'pubrec', packetId: 5, code: 0 }]),
    ],
    DENYING,
  ),
]);

const unknown = [
  mqtt5(
    'PUBACK for nothing is counted and forgotten',
    [],
    [
      connects(),
      sends(ack('puback', { version: 5, packetId: 9 })),
      getsNothing(),
      counts('packets.puback.missed', 1),
    ],
  ),
  mqtt5(
    'PUBCOMP for nothing is counted and forgotten',
    [],
    [
      connects(),
      sends(ack('pubcomp', { version: 5, packetId: 9 })),
      getsNothing(),
      counts('packets.pubcomp.missed', 1),
    ],
  ),
  mqtt5(
    'PUBREL for what an expired session has forgotten',
    ['MQTT-4.3.3-11'],
    [
      connects(),
      sends(publish({ version: 5, qos: 2, packetId: 5 })),
      gets({ type: 'pubrec', packetId: 5 }),
      drops(),
      connects(),
      sends(ack('pubrel', { version: 5, packetId: 5 })),
      gets({ type: 'pubcomp', packetId: 5, code: 0x92 }),
    ],
  ),
  mqtt5(
    'PUBREC for what an expired session has forgotten',
    ['MQTT-3.6.2-1'],
    [
      connects(),
      subscribes('t', 2),
      connects({}, 'p'),
      publishes({ qos: 2 }, 'p'),
      gets({ type: 'publish', packetId: 1 }),
      drops(),
      connects(),
      sends(ack('pubrec', { version: 5, packetId: 1 })),
      gets({ type: 'pubrel', packetId: 1, code: 0x92 }),
      sends(ack('pubcomp', { version: 5, packetId: 1, code: 0x92 })),
      getsNothing(),
      subscribes('t', 2),
      publishes({ qos: 2 }, 'p'),
      takes({ qos: 2 }),
    ],
  ),
  mqtt5(
    'a duplicate of QoS 2 is answered with success, whoever is subscribed',
    ['MQTT-4.3.3-10'],
    [
      connects(),
      sends(publish({ version: 5, qos: 2, packetId: 5 })),
      gets({ type: 'pubrec', packetId: 5, code: 0x10 }),
      sends(publish({ version: 5, qos: 2, packetId: 5, dup: true })),
      gets({ type: 'pubrec', packetId: 5, code: 0 }),
    ],
  ),
];

/** Acknowledgements in all their forms, MQTT 5 §3.4 to §3.7 and §4.4. */
export const acknowledgingTable: Table = {
  title: 'acknowledging',
  sequences: [...forms, ...refusals, ...answers, ...unknown],
};
