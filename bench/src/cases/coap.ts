import { nodeCoap } from '../brokers/node-coap.js';
import { porticoCoap } from '../brokers/portico.js';
import { udpEcho } from '../brokers/udp-echo.js';
import type { Case } from './case.js';

export const coapCases: readonly Case[] = [
  {
    name: 'coap-put',
    title: 'CoAP confirmable PUT, 64 bytes, 50 peers, each waiting for its answer',
    load: { kind: 'coap', peers: 50, payloadBytes: 64 },
    peers: [udpEcho, nodeCoap, porticoCoap],
  },
];
