import { porticoMqttSn } from '../brokers/portico.js';
import type { Case } from './case.js';

export const mqttSnCases: readonly Case[] = [
  {
    name: 'mqttsn-publish',
    title: 'MQTT-SN PUBLISH QoS 1, 64 bytes, 50 clients, each waiting for its PUBACK',
    load: { kind: 'mqttsn', clients: 50, payloadBytes: 64 },
    peers: [porticoMqttSn],
  },
  {
    name: 'mqttsn-asleep',
    title: 'MQTT-SN memory: 50,000 clients with a subscription each, asleep',
    load: { kind: 'mqttsn-asleep', clients: 50_000 },
    peers: [porticoMqttSn],
  },
];
