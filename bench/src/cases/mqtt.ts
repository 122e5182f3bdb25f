import { aedes } from '../brokers/aedes.js';
import { mosquitto } from '../brokers/mosquitto.js';
import { porticoMqtt } from '../brokers/portico.js';
import type { MqttLoad } from '../load/job.js';
import type { Case } from './case.js';

const PAYLOAD_BYTES = 64;

function mqttCase(name: string, title: string, load: Omit<MqttLoad, 'kind' | 'payloadBytes'>): Case {
  return {
    name,
    title: `MQTT QoS 0, ${PAYLOAD_BYTES} bytes, ${title}`,
    load: { kind: 'mqtt', payloadBytes: PAYLOAD_BYTES, ...load },
    peers: [mosquitto, aedes, porticoMqtt],
  };
}

export const mqttCases: readonly Case[] = [
  mqttCase('pairs', '20 publishers to 20 subscribers, saturated', {
    publishers: 20,
    subscribers: 20,
    topics: 20,
    rate: 'saturated',
  }),
  mqttCase('fan-in', '20 publishers to 1 subscriber, saturated', {
    publishers: 20,
    subscribers: 1,
    topics: 1,
    rate: 'saturated',
  }),
  mqttCase('fan-out', '1 publisher to 100 subscribers, saturated', {
    publishers: 1,
    subscribers: 100,
    topics: 1,
    rate: 'saturated',
  }),
  mqttCase('paced', '5,000 messages/s over 1,000 connections: 500 devices to a subscriber each', {
    publishers: 500,
    subscribers: 500,
    topics: 500,
    rate: 5000,
  }),
  mqttCase('paced-fan-in', '5,000 messages/s of 1,000 devices to 1 subscriber', {
    publishers: 1000,
    subscribers: 1,
    topics: 1,
    rate: 5000,
  }),
];
