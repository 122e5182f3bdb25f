import { mqtt5, type Step, type Table } from '../../sequence.js';
import {
  connects,
  getsNothing,
  isEnded,
  isRefused,
  opens,
  publishes,
  sends,
  subscribes,
  takes,
} from '../../steps.js';
import { connect, type PropertyList, publish } from '../../wire/write.js';

const ANSWERS = 'answers/asker';

function request(data: string): PropertyList {
  return [
    ['Response Topic', ANSWERS],
    ['Correlation Data', data],
  ];
}

const correlated = (data: string) => ({ 'Correlation Data': [Buffer.from(data, 'hex')] });

const asked = (data: string) => ({ 'Response Topic': [ANSWERS], ...correlated(data) });

/** Somebody who asks, and somebody who answers. */
const two: readonly Step[] = [
  connects({}, 'asker'),
  subscribes(ANSWERS, 2, 'asker'),
  connects({}, 'answerer'),
  subscribes('requests/+', 2, 'answerer'),
];

function answers(data: string, payload: string, qos = 0): Step {
  return publishes({ topic: ANSWERS, payload, qos, properties: [['Correlation Data', data]] }, 'answerer');
}

const TOLD = ['MQTT-3.3.2-15', 'MQTT-3.3.2-16'];

const exchanges = [
  ...[0, 1, 2].map((qos) =>
    mqtt5(`a request and its answer with QoS ${qos}`, TOLD, [
      ...two,
      publishes({ topic: 'requests/1', qos, payload: 'how much', properties: request('0001') }, 'asker'),
      takes({ payload: 'how much', qos, properties: asked('0001') }, 'answerer'),
      answers('0001', '42', qos),
      takes({ topic: ANSWERS, payload: '42', qos, properties: correlated('0001') }, 'asker'),
    ]),
  ),
  mqtt5('answers in another order than the requests', TOLD, [
    ...two,
    ...['01', '02', '03'].map((data) =>
      publishes({ topic: 'requests/1', properties: request(data) }, 'asker'),
    ),
    ...['01', '02', '03'].map((data) => takes({ properties: asked(data) }, 'answerer')),
    ...['03', '01', '02'].map((data) => answers(data, data)),
    ...['03', '01', '02'].map((data) => takes({ payload: data, properties: correlated(data) }, 'asker')),
  ]),
  mqtt5('several answer one request', TOLD, [
    ...two,
    connects({}, 'second'),
    subscribes('requests/#', 0, 'second'),
    publishes({ topic: 'requests/1', properties: request('aa') }, 'asker'),
    takes({ properties: asked('aa') }, 'answerer'),
    takes({ properties: asked('aa') }, 'second'),
    answers('aa', 'first'),
    publishes({ topic: ANSWERS, payload: 'second', properties: [['Correlation Data', 'aa']] }, 'second'),
    takes({ payload: 'first' }, 'asker'),
    takes({ payload: 'second' }, 'asker'),
  ]),
  mqtt5(
    'a group shares the requests',
    TOLD,
    [
      connects({}, 'asker'),
      connects({}, 'a'),
      subscribes('$share/g/requests', 0, 'a'),
      connects({}, 'b'),
      subscribes('$share/g/requests', 0, 'b'),
      publishes({ topic: 'requests', properties: request('01') }, 'asker'),
      publishes({ topic: 'requests', properties: request('02') }, 'asker'),
      takes({ topic: 'requests', properties: { 'Response Topic': [ANSWERS] } }, 'a'),
      takes({ topic: 'requests', properties: { 'Response Topic': [ANSWERS] } }, 'b'),
    ],
    { sections: { broker: { shared_subscription_strategy: 'round_robin' } } },
  ),
  mqtt5('no answer where nobody asked', TOLD, [
    ...two,
    publishes({ topic: 'requests/1', properties: [['Correlation Data', 'ff']] }, 'asker'),
    takes({ properties: { 'Response Topic': undefined, ...correlated('ff') } }, 'answerer'),
    getsNothing('asker'),
  ]),
  mqtt5(
    'a response topic is not looked at by access control',
    TOLD,
    [
      ...two,
      publishes({ topic: 'requests/1', properties: [['Response Topic', 'closed/x']] }, 'asker'),
      takes({ properties: { 'Response Topic': ['closed/x'] } }, 'answerer'),
    ],
    { sections: { access: { acl: [{ permit: 'deny', action: 'publish', topics: ['closed/#'] }] } } },
  ),
];

const wrong = ['#', '+', 'a/#', 'a/+/b', 'a+'].flatMap((topic) => [
  mqtt5(
    `the response topic ${topic}`,
    ['MQTT-3.3.2-14'],
    [
      connects({}, 'watch'),
      subscribes('t', 0, 'watch'),
      connects(),
      sends(publish({ version: 5, qos: 1, properties: [['Response Topic', topic]] })),
      isEnded(0x82),
      getsNothing('watch'),
    ],
  ),
  mqtt5(
    `the response topic ${topic} of a will`,
    ['MQTT-3.3.2-14'],
    [
      opens(),
      sends(connect({ version: 5, will: { properties: [['Response Topic', topic]] } })),
      isRefused(0x82),
    ],
  ),
]);

const ASKING: PropertyList = [['Request Response Information', 1]];

const information = [
  ...(
    [
      ['answers/%c', 'answers/me'],
      ['answers/%u/%c', 'answers/ann/me'],
      ['answers', 'answers'],
    ] as const
  ).map(([configured, told]) =>
    mqtt5(
      `response information, ${configured} in the configuration`,
      ['MQTT-3.1.2-28'],
      [
        connects({ clientId: 'me', username: 'ann', properties: ASKING }, 'c', {
          properties: { 'Response Information': [told] },
        }),
      ],
      { config: { response_information: configured } },
    ),
  ),
  mqtt5(
    'response information with a user name, for a client that has none',
    ['MQTT-3.1.2-28'],
    [connects({ properties: ASKING }, 'c', { properties: { 'Response Information': undefined } })],
    { config: { response_information: 'answers/%u' } },
  ),
  mqtt5(
    'a client that asks where there is none',
    ['MQTT-3.1.2-28'],
    [connects({ properties: ASKING }, 'c', { properties: { 'Response Information': undefined } })],
  ),
];

/** Request and response, MQTT 5 §4.10. */
export const requestsTable: Table = {
  title: 'requests',
  sequences: [...exchanges, ...wrong, ...information],
};
