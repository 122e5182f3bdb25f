import { mqtt5, type Step, type Table } from '../../sequence.js';
import {
  connects,
  drops,
  gets,
  getsNothing,
  getsOnly,
  isClosed,
  isEnded,
  passes,
  publishes,
  resumes,
  sends,
  subscribes,
} from '../../steps.js';
import { ack, disconnect, publish } from '../../wire/write.js';

/** How the connection ends in the middle, and the next one begins; the client is `c` throughout. */
const BREAKS: Readonly<Record<string, readonly Step[]>> = {
  'the connection is lost': [drops(), resumes(true)],
  'the client says goodbye': [sends(disconnect()), isClosed(), resumes(true)],
  'the client makes an error': [sends('00 00'), isEnded(0x81), resumes(true)],
  'the client is away for a while': [drops(), passes(50), resumes(true)],
  'the connection is lost twice': [drops(), resumes(true), drops(), resumes(true)],
};

const rec = sends(ack('pubrec', { version: 5, packetId: 1 }));
const comp = sends(ack('pubcomp', { version: 5, packetId: 1 }));
const getsPublish = (dup: boolean) => gets({ type: 'publish', qos: 2, packetId: 1, dup, payload: 'once' });
const getsRel = gets({ type: 'pubrel', packetId: 1, code: 0 });

/** What a subscriber goes through, up to the break and after it. */
const RECEIVING: Readonly<Record<string, readonly [before: readonly Step[], after: readonly Step[]]>> = {
  'after PUBLISH': [[getsPublish(false)], [getsPublish(true), rec, getsRel, comp]],
  'after PUBREC': [
    [getsPublish(false), rec, getsRel],
    [getsRel, comp],
  ],
  'after PUBCOMP': [[getsPublish(false), rec, getsRel, comp, getsNothing()], []],
};

const receiving = Object.entries(RECEIVING).flatMap(([moment, [before, after]]) =>
  Object.entries(BREAKS).map(([name, broken]) => {
    const twice = name === 'the connection is lost twice' && moment !== 'after PUBCOMP';
    // What is due on the connection between the two is sent there too.
    const steps = twice ? [drops(), resumes(true), after[0] as Step, drops(), resumes(true)] : broken;
    return mqtt5(
      `a subscriber, ${moment}: ${name}`,
      ['MQTT-4.4.0-1', 'MQTT-4.3.3-3', 'MQTT-4.3.3-5', 'MQTT-4.3.3-6'],
      [
        resumes(false),
        subscribes('t', 2),
        connects({}, 'p'),
        publishes({ qos: 2, payload: 'once' }, 'p'),
        ...before,
        ...steps,
        ...after,
        getsNothing(),
        publishes({ qos: 2, payload: 'next' }, 'p'),
        gets({ payload: 'next', dup: false }),
        getsNothing(),
      ],
    );
  }),
);

const pub = (dup: boolean, payload = 'once') =>
  sends(publish({ version: 5, qos: 2, packetId: 9, payload, dup }));
const getsRec = (code: number) => gets({ type: 'pubrec', packetId: 9, code });
const rel = sends(ack('pubrel', { version: 5, packetId: 9 }));
const getsComp = (code: number) => gets({ type: 'pubcomp', packetId: 9, code });

/** What a publisher goes through, up to the break, and what it does again because it may not have arrived. */
const SENDING: Readonly<Record<string, readonly [before: readonly Step[], after: readonly Step[]]>> = {
  'PUBREC was lost': [
    [pub(false), getsRec(0)],
    [pub(true), getsRec(0), rel, getsComp(0)],
  ],
  'PUBREC was lost, PUBLISH comes again without DUP': [
    [pub(false), getsRec(0)],
    [pub(false), getsRec(0), rel, getsComp(0)],
  ],
  'PUBREC came, PUBREL was not sent': [
    [pub(false), getsRec(0)],
    [rel, getsComp(0)],
  ],
  'PUBCOMP was lost': [
    [pub(false), getsRec(0), rel, getsComp(0)],
    [rel, getsComp(0x92)],
  ],
};

const sending = Object.entries(SENDING).flatMap(([moment, [before, after]]) =>
  Object.entries(BREAKS).map(([name, broken]) =>
    mqtt5(
      `a publisher: ${name}, ${moment}`,
      ['MQTT-4.3.3-10', 'MQTT-4.3.3-11', 'MQTT-4.3.3-12', 'MQTT-3.1.2-5'],
      [
        connects({}, 'watch'),
        subscribes('t', 0, 'watch'),
        resumes(false),
        ...before,
        ...broken,
        ...after,
        getsNothing(),
        pub(false, 'next'),
        getsRec(0),
        getsOnly([{ payload: 'once' }, { payload: 'next' }], 'watch'),
      ],
    ),
  ),
);

/** The client sends its message, something happens before it releases it, and it sends it again. */
const sendsAgain = (comesIn: Step, ...meanwhile: readonly Step[]): Step[] => [
  connects({}, 'watch'),
  subscribes('t', 0, 'watch'),
  comesIn,
  pub(false),
  getsRec(0),
  ...meanwhile,
  pub(true),
  getsRec(0),
  rel,
  getsComp(0),
  getsOnly([{ payload: 'once' }], 'watch'),
];

/** How long the hub remembers a message of QoS 2 that its publisher does not release: 300 s in which it is connected. */
const remembering = [
  mqtt5(
    'a publisher that is away for hours',
    ['MQTT-4.3.3-10', 'MQTT-4.1.0-1'],
    sendsAgain(resumes(false, 'c', {}, 0xffff_ffff), drops(), passes(20_000), resumes(true)),
  ),
  mqtt5(
    'a publisher that does not release for hours, where nothing is forgotten',
    ['MQTT-4.3.3-10'],
    sendsAgain(connects(), passes(20_000)),
    { config: { await_rel_timeout: 0 } },
  ),
  mqtt5(
    'a publisher that does not release for less than five minutes',
    ['MQTT-4.3.3-10'],
    sendsAgain(connects(), passes(290)),
  ),
];

const bothWays = [
  mqtt5(
    'a message of QoS 2 from client to client, each lost at every step',
    ['MQTT-4.3.3-10', 'MQTT-4.3.3-6'],
    [
      resumes(false, 'to'),
      subscribes('t', 2, 'to'),
      resumes(false),
      pub(false),
      getsRec(0),
      drops(),
      gets({ type: 'publish', packetId: 1, dup: false }, 'to'),
      drops('to'),
      resumes(true),
      pub(true),
      getsRec(0),
      rel,
      getsComp(0),
      resumes(true, 'to'),
      gets({ type: 'publish', packetId: 1, dup: true }, 'to'),
      sends(ack('pubrec', { version: 5 }), 'to'),
      gets({ type: 'pubrel', packetId: 1 }, 'to'),
      drops('to'),
      resumes(true, 'to'),
      gets({ type: 'pubrel', packetId: 1 }, 'to'),
      sends(ack('pubcomp', { version: 5 }), 'to'),
      getsNothing('to'),
    ],
  ),
  mqtt5(
    'a clean start forgets what was not released',
    ['MQTT-3.1.2-4', 'MQTT-4.3.3-12'],
    [
      connects({}, 'watch'),
      subscribes('t', 0, 'watch'),
      resumes(false),
      pub(false, '1'),
      getsRec(0),
      connects(),
      pub(true, '2'),
      getsRec(0),
      getsOnly([{ payload: '1' }, { payload: '2' }], 'watch'),
    ],
  ),
  mqtt5(
    'ten at once, released in another order',
    ['MQTT-4.3.3-8', 'MQTT-4.3.3-11'],
    [
      connects({}, 'watch'),
      subscribes('t', 0, 'watch'),
      connects(),
      ...Array.from({ length: 10 }, (_, i) => [
        sends(publish({ version: 5, qos: 2, packetId: i + 1, payload: String(i) })),
        gets({ type: 'pubrec', packetId: i + 1 }),
      ]).flat(),
      ...Array.from({ length: 10 }, (_, i) => [
        sends(ack('pubrel', { version: 5, packetId: 10 - i })),
        gets({ type: 'pubcomp', packetId: 10 - i, code: 0 }),
      ]).flat(),
      getsOnly(
        Array.from({ length: 10 }, (_, i) => ({ payload: String(i) })),
        'watch',
      ),
    ],
  ),
];

/** QoS 2 across connections, MQTT 5 §4.3.3 and §4.4. */
export const exactlyOnceTable: Table = {
  title: 'exactly once',
  sequences: [...receiving, ...sending, ...remembering, ...bothWays],
};
