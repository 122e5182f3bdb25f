import type { Step } from '../../sequence.js';
import { each, type Table } from '../../sequence.js';
import {
  connects,
  drops,
  getsNothing,
  getsOnly,
  isClosed,
  isEnded,
  isRefused,
  leaves,
  opens,
  passes,
  resumes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { connect, disconnect, frame, type PropertyList } from '../../wire/write.js';

/** Somebody who sees the wills of others. */
const watch: Step[] = [connects({}, 'watch'), subscribes('will', 2, 'watch')];

const published = [
  ...([0, 1, 2] as const).flatMap((qos) =>
    each(
      `a lost client leaves its will, with QoS ${qos}`,
      { 3: [], 4: ['MQTT-3.1.2-8'], 5: ['MQTT-3.1.2-8', 'MQTT-3.1.2-7'] },
      () => [
        ...watch,
        connects({ will: { qos, payload: 'gone' } }),
        getsNothing('watch'),
        drops(),
        takes({ topic: 'will', payload: 'gone', qos, retain: false }, 'watch'),
        getsNothing('watch'),
      ],
    ),
  ),
  ...each(
    'a client that is disconnected for an error leaves its will',
    { 3: [], 4: ['MQTT-3.1.2-8'], 5: ['MQTT-3.1.2-8'] },
    () => [
      ...watch,
      connects({ will: {} }),
      sends(frame(0x36, '0001 74 0001')),
      isEnded(0x81),
      takes({ topic: 'will' }, 'watch'),
    ],
  ),
  ...each('a client that is taken over leaves its will', { 4: ['MQTT-3.1.2-8'], 5: ['MQTT-3.1.2-8'] }, () => [
    ...watch,
    connects({ clientId: 'same', will: {} }, 'first'),
    connects({ clientId: 'same' }, 'second'),
    isEnded(0x8e, 'first'),
    takes({ topic: 'will' }, 'watch'),
    getsNothing('watch'),
  ]),
  ...each(
    'a client that says goodbye leaves none',
    {
      3: [],
      4: ['MQTT-3.14.4-3', 'MQTT-3.1.2-10', 'MQTT-3.1.2-8'],
      5: ['MQTT-3.14.4-3', 'MQTT-3.1.2-10', 'MQTT-3.1.2-8'],
    },
    () => [...watch, connects({ will: {} }), leaves(), getsNothing('watch')],
  ),
  ...each('a will is left once', { 4: ['MQTT-3.1.2-10'], 5: ['MQTT-3.1.2-10'] }, () => [
    ...watch,
    resumes(false, 'c', { will: {} }),
    drops(),
    takes({ topic: 'will' }, 'watch'),
    resumes(true),
    drops(),
    getsNothing('watch'),
  ]),
  ...each('a client without a will leaves none', { 3: [], 4: ['MQTT-3.1.2-12'], 5: [] }, () => [
    ...watch,
    connects(),
    drops(),
    getsNothing('watch'),
  ]),
  ...each('an empty will is a message too', { 4: ['MQTT-3.1.2-8'], 5: ['MQTT-3.1.2-8'] }, () => [
    ...watch,
    connects({ will: { payload: '' } }),
    drops(),
    takes({ topic: 'will', payload: '' }, 'watch'),
  ]),
  ...each(
    'fields of a will that no flag announces',
    { 4: ['MQTT-3.1.4-1'], 5: ['MQTT-3.1.4-1'] },
    (version) => [
      opens(),
      sends(connect({ version, will: {}, flags: 0x02 })),
      version === 5 ? isRefused(0x81) : isClosed(),
    ],
  ),
  ...each('a will flag without a will', { 4: ['MQTT-3.1.4-1'], 5: ['MQTT-3.1.2-9'] }, (version) => [
    opens(),
    sends(connect({ version, flags: 0x06 })),
    version === 5 ? isRefused(0x81) : isClosed(),
  ]),
];

const retained = [
  ...each(
    'a will without will retain is not stored',
    { 3: [], 4: ['MQTT-3.1.2-16'], 5: ['MQTT-3.1.2-14'] },
    () => [connects({ will: { retain: false } }), drops(), ...watch, getsNothing('watch')],
  ),
  ...each('a will with will retain is stored', { 3: [], 4: ['MQTT-3.1.2-17'], 5: ['MQTT-3.1.2-15'] }, () => [
    connects({ will: { retain: true } }),
    drops(),
    ...watch,
    takes({ topic: 'will', payload: 'gone', retain: true }, 'watch'),
  ]),
  ...each(
    'a retained will where messages cannot be retained',
    { 5: ['MQTT-3.2.2-13'] },
    (version) => [opens(), sends(connect({ version, will: { retain: true } })), isRefused(0x9a)],
    { config: { retain_available: false } },
  ),
  ...([1, 2] as const).flatMap((qos) =>
    each(
      `a will of QoS ${qos} above the maximum`,
      { 5: ['MQTT-3.2.2-12'] },
      (version) => [opens(), sends(connect({ version, will: { qos } })), isRefused(0x9b)],
      { config: { max_qos_allowed: qos - 1 } },
    ),
  ),
];

const DELAY: PropertyList = [['Will Delay Interval', 10]];

const delayed = [
  ...each('a will waits for its delay', { 5: ['MQTT-3.1.2-8'] }, () => [
    ...watch,
    resumes(false, 'c', { will: { properties: DELAY } }),
    drops(),
    passes(9),
    getsNothing('watch'),
    passes(2),
    takes({ topic: 'will' }, 'watch'),
    resumes(true),
    drops(),
    passes(20),
    getsNothing('watch'),
  ]),
  ...each('a will does not wait longer than its session', { 5: ['MQTT-3.1.2-8'] }, () => [
    ...watch,
    resumes(false, 'c', { will: { properties: DELAY } }, 5),
    drops(),
    passes(6),
    takes({ topic: 'will' }, 'watch'),
    passes(20),
    getsNothing('watch'),
  ]),
  ...each('a client that returns in time leaves no will', { 5: ['MQTT-3.1.3-9'] }, () => [
    ...watch,
    resumes(false, 'c', { will: { properties: DELAY } }),
    drops(),
    passes(5),
    resumes(true),
    passes(20),
    getsNothing('watch'),
  ]),
  ...each('a will that waits is left when a clean start ends its session', { 5: ['MQTT-3.1.2-8'] }, () => [
    ...watch,
    resumes(false, 'c', { will: { properties: DELAY } }),
    drops(),
    connects({ cleanStart: true }),
    takes({ topic: 'will' }, 'watch'),
    passes(20),
    getsNothing('watch'),
  ]),
  ...each('a takeover within the delay leaves no will', { 5: ['MQTT-3.1.3-9'] }, () => [
    ...watch,
    resumes(false, 'first', { clientId: 'same', will: { properties: DELAY } }),
    resumes(true, 'second', { clientId: 'same' }),
    isEnded(0x8e, 'first'),
    passes(20),
    getsNothing('watch'),
  ]),
  ...each('DISCONNECT with Will Message leaves the will', { 5: ['MQTT-3.1.2-8'] }, () => [
    ...watch,
    connects({ will: {} }),
    sends(disconnect({ code: 4 })),
    isClosed(),
    takes({ topic: 'will' }, 'watch'),
  ]),
  ...[0x80, 0x81, 0x82, 0x93, 0x97].flatMap((code) =>
    each(`DISCONNECT with an error, ${code.toString(16)}, leaves the will`, { 5: ['MQTT-3.1.2-8'] }, () => [
      ...watch,
      connects({ will: {} }),
      sends(disconnect({ code })),
      isClosed(),
      takes({ topic: 'will' }, 'watch'),
    ]),
  ),
  ...each(
    'a will has its properties, user properties in their order',
    { 5: ['MQTT-3.1.3-10', 'MQTT-3.3.2-18'] },
    () => [
      ...watch,
      connects({
        will: {
          properties: [
            ['Payload Format Indicator', 1],
            ['Content Type', 'text'],
            ['Response Topic', 'answers'],
            ['Correlation Data', '0102'],
            ['User Property', ['b', '1']],
            ['User Property', ['a', '2']],
            ['User Property', ['b', '3']],
          ],
        },
      }),
      drops(),
      getsOnly(
        [
          {
            type: 'publish',
            properties: {
              'Payload Format Indicator': [1],
              'Content Type': ['text'],
              'Response Topic': ['answers'],
              'Correlation Data': [Buffer.from('0102', 'hex')],
              'User Property': [
                ['b', '1'],
                ['a', '2'],
                ['b', '3'],
              ],
            },
          },
        ],
        'watch',
      ),
    ],
  ),
  ...each('a will expires like any message, counted from when it was left', { 5: ['MQTT-3.3.2-6'] }, () => [
    ...watch,
    resumes(false, 'c', {
      will: {
        properties: [
          ['Will Delay Interval', 10],
          ['Message Expiry Interval', 60],
        ],
      },
    }),
    drops(),
    passes(11),
    takes(
      { topic: 'will', properties: { 'Message Expiry Interval': [60], 'Will Delay Interval': undefined } },
      'watch',
    ),
  ]),
];

/** MQTT 5 §3.1.2.5, §3.1.3.2 and §3.14; MQTT 3.1.1 §3.1.2.5 and §3.14. */
export const willsTable: Table = { title: 'wills', sequences: [...published, ...retained, ...delayed] };
