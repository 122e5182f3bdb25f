import { porticoStomp } from '../brokers/portico.js';
import { rabbitmq } from '../brokers/rabbitmq.js';
import type { Case } from './case.js';

export const stompCases: readonly Case[] = [
  {
    name: 'stomp',
    title: 'STOMP 1.2, 64 bytes: 20 publishers to 20 subscribers, saturated',
    load: { kind: 'stomp', pairs: 20, payloadBytes: 64 },
    peers: [rabbitmq, porticoStomp],
  },
];
