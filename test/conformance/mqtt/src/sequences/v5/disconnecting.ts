import { mqtt5, type Step, type Table } from '../../sequence.js';
import {
  connects,
  gets,
  getsNothing,
  getsOnly,
  isClosed,
  isEnded,
  opens,
  passes,
  publishes,
  resumes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { connect, disconnect, type Ending, PINGREQ, publish } from '../../wire/write.js';

const watch: readonly Step[] = [connects({}, 'watch'), subscribes('will', 1, 'watch')];

/** Reason codes that a client may send, MQTT 5 §3.14.2.1. */
const CODES = [0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99];
const hex = (code: number) => `0x${code.toString(16).padStart(2, '0')}`;

const codes = CODES.map((code) =>
  mqtt5(
    `DISCONNECT with ${hex(code)}: the will is ${code === 0 ? 'discarded' : 'left'}, the session goes on`,
    code === 0 ? ['MQTT-3.14.4-3', 'MQTT-3.14.2-1', 'MQTT-3.1.2-10'] : ['MQTT-3.1.2-8', 'MQTT-3.14.2-1'],
    [
      ...watch,
      resumes(false, 'c', { will: { qos: 1 } }),
      subscribes('t', 1),
      sends(disconnect({ code })),
      isClosed(),
      code === 0 ? getsNothing('watch') : takes({ topic: 'will', qos: 1 }, 'watch'),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      resumes(true),
      takes({ topic: 't' }),
    ],
  ),
);

const FORMS: Readonly<Record<string, Ending>> = {
  'without anything': {},
  'with a reason code': { code: 0 },
  'with a property length of 0': { code: 0, properties: [] },
  'with a reason string': { code: 0, properties: [['Reason String', 'bye']] },
  'with user properties': {
    code: 0,
    properties: [
      ['User Property', ['a', 'b']],
      ['User Property', ['a', 'c']],
    ],
  },
  'with the session expiry interval that CONNECT had': {
    code: 0,
    properties: [['Session Expiry Interval', 100]],
  },
  'with everything': {
    code: 0,
    properties: [
      ['Reason String', ''],
      ['User Property', ['', '']],
      ['Session Expiry Interval', 1],
    ],
  },
};

const forms = Object.entries(FORMS).map(([name, ending]) =>
  mqtt5(
    `DISCONNECT ${name}`,
    ['MQTT-3.14.4-3', 'MQTT-3.14.4-1'],
    [
      ...watch,
      resumes(false, 'c', { will: {} }),
      sends(
        Buffer.concat([
          disconnect(ending),
          publish({ version: 5, topic: 'will', payload: 'behind' }),
          PINGREQ,
        ]),
      ),
      isClosed(),
      passes(200),
      getsNothing('watch'),
    ],
  ),
);

/** The hub is stopped while clients are connected. */
const stops: Step = { what: 'the hub stops', run: ({ hub }) => hub.stop() };

const REFERENCE = { config: { server_reference: 'other.example:1883' } };

const ofServer = [
  mqtt5(
    'a hub that stops says so, without a session expiry interval',
    ['MQTT-3.14.2-2', 'MQTT-3.14.4-2'],
    [
      resumes(false),
      stops,
      gets({
        type: 'disconnect',
        code: 0x8b,
        properties: { 'Session Expiry Interval': undefined, 'Server Reference': undefined },
      }),
      isClosed(),
    ],
  ),
  mqtt5(
    'a hub that stops names another server where it has one',
    ['MQTT-3.14.2-1', 'MQTT-3.14.4-2'],
    [
      connects({}, 'a'),
      connects({ properties: [['Request Problem Information', 0]] }, 'b'),
      connects({ version: 4 }, 'old'),
      stops,
      ...['a', 'b'].flatMap((name) => [
        gets(
          { type: 'disconnect', code: 0x9c, properties: { 'Server Reference': ['other.example:1883'] } },
          name,
        ),
        isClosed(name),
      ]),
      isClosed('old'),
    ],
    REFERENCE,
  ),
  mqtt5(
    'a hub that stops says nothing to who has not connected',
    ['MQTT-3.14.0-1'],
    [opens(), stops, isClosed()],
  ),
  mqtt5(
    'nothing comes behind DISCONNECT of the server',
    ['MQTT-3.14.4-1', 'MQTT-3.14.4-2'],
    [
      connects({ clientId: 'same' }, 'first'),
      subscribes('t', 1, 'first'),
      connects({ clientId: 'same' }, 'second'),
      connects({}, 'p'),
      publishes({ qos: 1 }, 'p'),
      isEnded(0x8e, 'first'),
      getsNothing('second'),
    ],
  ),
  mqtt5(
    'DISCONNECT instead of CONNECT is not answered',
    ['MQTT-3.14.0-1', 'MQTT-3.1.0-1'],
    [opens(), sends(disconnect({ code: 0 })), isClosed()],
  ),
];

const again = [
  mqtt5(
    'a client comes and goes a hundred times',
    ['MQTT-3.14.4-3', 'MQTT-3.2.0-2'],
    [
      ...watch,
      ...Array.from({ length: 100 }, () => [
        opens(),
        sends(Buffer.concat([connect({ version: 5, will: {} }), disconnect()])),
        gets({ type: 'connack', code: 0 }),
        isClosed(),
      ]).flat(),
      getsOnly([], 'watch'),
    ],
  ),
];

/** DISCONNECT both ways, MQTT 5 §3.14. */
export const disconnectingTable: Table = {
  title: 'DISCONNECT',
  sequences: [...codes, ...forms, ...ofServer, ...again],
};
