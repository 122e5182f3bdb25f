import { porticoMqttSn } from '../brokers/portico.js';
import type { Case } from './case.js';

export const mqttSnCases: readonly Case[] = [
  {
    name: 'mqttsn-publish',
    title: 'MQTT-SN PUBLISH QoS 1, 64 bytes, 50 clients, each waiting for its PUBACK',
    load: { kind: 'mqttsn', clients: 50, payloadBytes: 64 },
    peers: [porticoMqttSn],
  },
];
