import { each, type Table } from '../../sequence.js';
import {
  connects,
  gets,
  getsNothing,
  getsOnly,
  isEnded,
  isRefused,
  opens,
  publishes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { connect, type PropertyList, publish, subscribe, unsubscribe } from '../../wire/write.js';

/** Properties of a message, handed on as they are. */
const forwarded = [
  ...[0, 1].flatMap((indicator) =>
    each(`Payload Format Indicator ${indicator}`, { 5: ['MQTT-3.3.2-4'] }, () => [
      connects(),
      subscribes('t'),
      connects({}, 'p'),
      publishes({ properties: [['Payload Format Indicator', indicator]] }, 'p'),
      takes({ properties: { 'Payload Format Indicator': [indicator] } }),
    ]),
  ),
  ...each('Content Type', { 5: ['MQTT-3.3.2-20'] }, () => [
    connects(),
    subscribes('t'),
    connects({}, 'p'),
    publishes({ properties: [['Content Type', 'text/b\u00fcro']] }, 'p'),
    takes({ properties: { 'Content Type': ['text/b\u00fcro'] } }),
  ]),
  ...each('Response Topic', { 5: ['MQTT-3.3.2-15'] }, () => [
    connects(),
    subscribes('t'),
    connects({}, 'p'),
    publishes({ properties: [['Response Topic', 'answers/1']] }, 'p'),
    takes({ properties: { 'Response Topic': ['answers/1'] } }),
  ]),
  ...['', '00', '00ff80'].flatMap((data) =>
    each(`Correlation Data [${data}]`, { 5: ['MQTT-3.3.2-16'] }, () => [
      connects(),
      subscribes('t'),
      connects({}, 'p'),
      publishes({ properties: [['Correlation Data', data]] }, 'p'),
      takes({ properties: { 'Correlation Data': [Buffer.from(data, 'hex')] } }),
    ]),
  ),
  ...each('User Properties keep their order', { 5: ['MQTT-3.3.2-17', 'MQTT-3.3.2-18'] }, () => [
    connects(),
    subscribes('t'),
    connects({}, 'p'),
    publishes(
      {
        properties: [
          ['User Property', ['b', '1']],
          ['User Property', ['a', '']],
          ['User Property', ['b', '2']],
        ],
      },
      'p',
    ),
    takes({
      properties: {
        'User Property': [
          ['b', '1'],
          ['a', ''],
          ['b', '2'],
        ],
      },
    }),
  ]),
  ...each('a retained message keeps its properties', { 5: ['MQTT-3.3.2-17', 'MQTT-3.3.2-20'] }, () => [
    connects({}, 'p'),
    publishes(
      {
        retain: true,
        properties: [
          ['Content Type', 'x'],
          ['User Property', ['a', 'b']],
        ],
      },
      'p',
    ),
    connects(),
    subscribes('t'),
    takes({ properties: { 'Content Type': ['x'], 'User Property': [['a', 'b']] } }),
  ]),
  ...each('an older client gets the message without them', { 5: [] }, () => [
    connects({ version: 4 }, 'old'),
    subscribes('t', 0, 'old'),
    connects({}, 'p'),
    publishes({ properties: [['Content Type', 'x']] }, 'p'),
    takes({ topic: 't', payload: 'x' }, 'old'),
  ]),
  ...each('a message without properties has none', { 5: ['MQTT-2.2.2-1'] }, () => [
    connects(),
    subscribes('t'),
    connects({ version: 4 }, 'old'),
    publishes({}, 'old'),
    takes({ properties: { 'User Property': undefined, 'Content Type': undefined } }),
  ]),
];

const assigned = [
  ...each(
    'the assigned client identifier is told, and is that of the session',
    { 5: ['MQTT-3.1.3-7', 'MQTT-3.2.2-16', 'MQTT-3.1.3-6'] },
    (version) => [
      opens('first'),
      sends(connect({ version, clientId: '' }), 'first'),
      gets({ type: 'connack', code: 0, properties: { 'Server Keep Alive': undefined } }, 'first'),
      connects({ clientId: '' }, 'second'),
      getsNothing('first'),
    ],
  ),
  ...each('a client with an identifier is assigned none', { 5: [] }, () => [
    connects({ clientId: 'mine' }, 'c', { properties: { 'Assigned Client Identifier': undefined } }),
  ]),
  ...each('no keep alive of the server where the client may have its own', { 5: ['MQTT-3.2.2-22'] }, () => [
    connects({ keepAlive: 60 }, 'c', { properties: { 'Server Keep Alive': undefined } }),
  ]),
  ...each('no response information for a client that does not ask', { 5: ['MQTT-3.1.2-28'] }, () => [
    connects({}, 'c', { properties: { 'Response Information': undefined } }),
    connects({ properties: [['Request Response Information', 0]] }, 'd', {
      properties: { 'Response Information': undefined },
    }),
  ]),
];

const TEXT: PropertyList = [['Payload Format Indicator', 1]];
const NOT_TEXT = Buffer.from('c328', 'hex');
const validating = { config: { payload_format_validation: true } };

const formats = [
  ...([1, 2] as const).flatMap((qos) =>
    each(
      `a payload of QoS ${qos} that is not the text it says to be`,
      { 5: [] },
      (version) => [
        connects({}, 'watch'),
        subscribes('t', 0, 'watch'),
        connects(),
        sends(publish({ version, qos, payload: NOT_TEXT, properties: TEXT })),
        gets({ type: qos === 1 ? 'puback' : 'pubrec', code: 0x99 }),
        sends(publish({ version, qos, payload: 'text', properties: TEXT })),
        gets({ type: qos === 1 ? 'puback' : 'pubrec', code: 0 }),
        getsOnly([{ payload: 'text' }], 'watch'),
      ],
      validating,
    ),
  ),
  ...each(
    'a payload of QoS 0 that is not the text it says to be',
    { 5: [] },
    (version) => [
      connects(),
      sends(publish({ version, payload: NOT_TEXT, properties: TEXT })),
      isEnded(0x99),
    ],
    validating,
  ),
  ...each(
    'a will that is not the text it says to be',
    { 5: [] },
    (version) => [
      opens(),
      sends(connect({ version, will: { payload: NOT_TEXT, properties: TEXT } })),
      isRefused(0x99),
    ],
    validating,
  ),
  ...each('payloads are not looked at unless asked to', { 5: ['MQTT-3.3.2-4'] }, () => [
    connects({}, 'watch'),
    subscribes('t', 0, 'watch'),
    connects(),
    publishes({ payload: NOT_TEXT, properties: TEXT }),
    takes({ properties: { 'Payload Format Indicator': [1] } }, 'watch'),
  ]),
];

const responseInformation = [
  ...each(
    'response information for clients that ask',
    { 5: ['MQTT-3.1.2-28'] },
    () => [
      connects({ properties: [['Request Response Information', 1]] }, 'asks', {
        properties: { 'Response Information': ['answers/asks'] },
      }),
      connects({}, 'silent', { properties: { 'Response Information': undefined } }),
      connects({ properties: [['Request Response Information', 0]] }, 'declines', {
        properties: { 'Response Information': undefined },
      }),
    ],
    { config: { response_information: 'answers/%c' } },
  ),
];

/** A CONNECT whose refusal could have a reason string. */
const refusedConnect = (properties: Parameters<typeof connect>[0]['properties']) =>
  connect({ version: 5, properties, trailer: '00' });

const problems = [
  ...each('a reason string says what was wrong', { 5: [] }, (version) => [
    connects(),
    sends(publish({ version, qos: 3 })),
    gets({ type: 'disconnect', code: 0x81, properties: { 'Reason String': ['QoS 3'] } }),
  ]),
  ...each('no reason strings for a client that wants none', { 5: ['MQTT-3.1.2-29'] }, (version) => [
    connects({ properties: [['Request Problem Information', 0]] }),
    sends(publish({ version, qos: 1 })),
    gets({ type: 'puback', properties: {} }),
    sends(publish({ version, qos: 2 })),
    gets({ type: 'pubrec', properties: { 'Reason String': undefined, 'User Property': undefined } }),
    sends(subscribe({ version, filters: [['a#', 0]] })),
    gets({ type: 'suback', properties: { 'Reason String': undefined, 'User Property': undefined } }),
    sends(unsubscribe({ version, filters: ['a'] })),
    gets({ type: 'unsuback', properties: { 'Reason String': undefined, 'User Property': undefined } }),
    sends(publish({ version, qos: 3 })),
    gets({ type: 'disconnect', code: 0x81, properties: { 'Reason String': undefined } }),
  ]),
  ...each('a client that wants none still gets the properties of messages', { 5: ['MQTT-3.1.2-29'] }, () => [
    connects({ properties: [['Request Problem Information', 0]] }),
    subscribes('t'),
    connects({}, 'p'),
    publishes({ properties: [['User Property', ['a', 'b']]] }, 'p'),
    takes({ properties: { 'User Property': [['a', 'b']] } }),
  ]),
  ...each('a reason string in CONNACK', { 5: [] }, () => [
    opens(),
    sends(refusedConnect([])),
    gets({
      type: 'connack',
      code: 0x81,
      properties: { 'Reason String': ['bytes behind the end of the packet'] },
    }),
  ]),
];

/** What only MQTT 5 has: properties, their limits and what they carry. */
export const propertiesBehaviourTable: Table = {
  title: 'properties',
  sequences: [...forwarded, ...assigned, ...formats, ...responseInformation, ...problems],
};
