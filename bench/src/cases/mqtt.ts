import { aedes } from '../brokers/aedes.js';
import { bareNode } from '../brokers/bare-node.js';
import { mosquitto, mosquittoPersistent, mosquittoTls } from '../brokers/mosquitto.js';
import { porticoMqtt, porticoMqttDurable, porticoMqttListed, porticoMqttTls } from '../brokers/portico.js';
import type { MqttLoad } from '../load/job.js';
import type { Case } from './case.js';

/** What the loads have in common unless they say otherwise. */
const PLAIN = { kind: 'mqtt', qos: 0, pace: 'saturated', payloadBytes: 64, tls: false } as const;

const PEERS = [mosquitto, aedes, porticoMqtt];
/** Where what Node.js itself takes decides. */
const PEERS_AND_FLOOR = [mosquitto, aedes, bareNode, porticoMqtt];

type MqttShape = Partial<MqttLoad> & Pick<MqttLoad, 'publishers' | 'subscribers' | 'pattern'>;

function mqttCase(name: string, title: string, shape: MqttShape, peers = PEERS): Case {
  const load: MqttLoad = { ...PLAIN, ...shape };
  const what = `MQTT${load.tls ? ' over TLS 1.3' : ''}, QoS ${load.qos}, ${load.payloadBytes} bytes`;
  return { name, title: `${what}: ${title}`, load, peers };
}

/** @param topics that publishers and subscribers take turns on */
function spread(publishers: number, subscribers: number, topics: number): MqttShape {
  return { publishers, subscribers, pattern: { name: 'spread', topics } };
}

const pairs = spread(20, 20, 20);

export const mqttCases: readonly Case[] = [
  mqttCase('pairs', '20 publishers to 20 subscribers, saturated', pairs),
  mqttCase('fan-in', '20 publishers to 1 subscriber, saturated', spread(20, 1, 1)),
  mqttCase('fan-out', '1 publisher to 100 subscribers, saturated', spread(1, 100, 1)),
  mqttCase('qos1', '20 publishers to 20 subscribers, 20 messages in flight each', {
    ...pairs,
    qos: 1,
    pace: { inFlight: 20 },
  }),
  mqttCase('qos2', '20 publishers to 20 subscribers, 20 messages in flight each', {
    ...pairs,
    qos: 2,
    pace: { inFlight: 20 },
  }),
  mqttCase('wildcards', '10,000 subscriptions of 5 shapes, 1,000 topics, saturated', {
    publishers: 10,
    subscribers: 50,
    pattern: { name: 'wildcards' },
  }),
  mqttCase('large', '20 publishers to 20 subscribers, saturated', { ...pairs, payloadBytes: 16_384 }),
  mqttCase('tls', '20 publishers to 20 subscribers, saturated', { ...pairs, tls: true }, [
    mosquittoTls,
    porticoMqttTls,
  ]),
  mqttCase(
    'paced',
    '5,000 messages/s over 1,000 connections: 500 devices to a subscriber each',
    {
      ...spread(500, 500, 500),
      pace: { perSecond: 5000 },
    },
    PEERS_AND_FLOOR,
  ),
  mqttCase(
    'paced-10k',
    '5,000 messages/s over 10,000 connections: 5,000 devices to a subscriber each',
    {
      ...spread(5000, 5000, 5000),
      pace: { perSecond: 5000 },
    },
    PEERS_AND_FLOOR,
  ),
  mqttCase(
    'client-list',
    'as paced-10k, while clients are listed by a part of their id, over and over',
    {
      ...spread(5000, 5000, 5000),
      pace: { perSecond: 5000 },
      listing: '_like_clientid=er-12',
    },
    [porticoMqttListed],
  ),
  mqttCase('paced-fan-in', '5,000 messages/s of 1,000 devices to 1 subscriber', {
    ...spread(1000, 1, 1),
    pace: { perSecond: 5000 },
  }),
  {
    name: 'durable',
    title:
      'MQTT, QoS 1, 64 bytes: acknowledgements for what waits for a client that is away, 20 publishers, 20 in flight each',
    load: { kind: 'durable', publishers: 20, inFlight: 20, payloadBytes: 64 },
    peers: [mosquittoPersistent, porticoMqttDurable()],
  },
  {
    name: 'connect',
    title: 'MQTT connections: connect, CONNACK, disconnect, 50 at a time',
    load: { kind: 'connect', parallel: 50 },
    peers: PEERS_AND_FLOOR,
  },
  {
    name: 'idle',
    title: 'MQTT memory: 10,000 connections with a subscription each, idle',
    load: { kind: 'idle', connections: 10_000 },
    peers: PEERS_AND_FLOOR,
  },
];
