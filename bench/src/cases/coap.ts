import { nodeCoap } from '../brokers/node-coap.js';
import {
  porticoCoap,
  porticoCoapDtls,
  porticoCoapObserve,
  porticoCoapObserveNon,
} from '../brokers/portico.js';
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
    name: 'coap-observe',
    title: 'CoAP, 1 publisher to 1,000 observers, 64 bytes, the next publication when all have been notified',
    load: { kind: 'coap-observe', observers: 1000, payloadBytes: 64 },
    peers: [porticoCoapObserve],
  },
  {
    name: 'coap-observe-non',
    title: 'The same with non-confirmable notifications',
    load: { kind: 'coap-observe', observers: 1000, payloadBytes: 64 },
    peers: [porticoCoapObserveNon],
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
