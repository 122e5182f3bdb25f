import { nodeCoap } from '../brokers/node-coap.js';
import { porticoCoap, porticoCoapDtls } from '../brokers/portico.js';
import { udpEcho } from '../brokers/udp-echo.js';
import type { Case } from './case.js';

export const coapCases: readonly Case[] = [
  {
    name: 'coap-put',
    title: 'CoAP confirmable PUT, 64 bytes, 50 peers, each waiting for its answer',
    load: { kind: 'coap', peers: 50, payloadBytes: 64, dtls: false },
    peers: [udpEcho, nodeCoap, porticoCoap],
  },
  {
    name: 'coap-put-dtls',
    title:
      'CoAP confirmable PUT over DTLS (PSK, AES-128-CCM-8), 64 bytes, 50 peers, each waiting for its answer',
    load: { kind: 'coap', peers: 50, payloadBytes: 64, dtls: true },
    peers: [porticoCoapDtls],
  },
  {
    name: 'dtls-handshake',
    title: 'DTLS handshakes with a pre-shared key, 50 at a time',
    load: { kind: 'dtls-handshake', parallel: 50 },
    peers: [porticoCoapDtls],
  },
  {
    name: 'dtls-idle',
    title: 'DTLS memory: 20,000 sessions, idle',
    load: { kind: 'dtls-idle', sessions: 20_000 },
    peers: [porticoCoapDtls],
  },
];
