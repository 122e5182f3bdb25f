import { porticoLwm2m, porticoLwm2mAndMqtt } from '../brokers/portico.js';
import type { Case } from './case.js';

export const lwm2mCases: readonly Case[] = [
  {
    name: 'lwm2m-update',
    title:
      'LwM2M updates of 20,000 registered devices, 100 each behind 200 addresses that wait for their answers',
    load: { kind: 'lwm2m-update', peers: 200, devicesPerPeer: 100 },
    peers: [porticoLwm2m],
  },
  {
    name: 'lwm2m-read',
    title:
      'LwM2M read commands over MQTT to 1,000 devices and their answers over MQTT, 200 on their way at a time',
    load: { kind: 'lwm2m-read', devices: 1000, inFlight: 200 },
    peers: [porticoLwm2mAndMqtt],
  },
  {
    name: 'lwm2m-idle',
    title: 'LwM2M memory: 20,000 registered devices, each at an address of its own',
    load: { kind: 'lwm2m-idle', devices: 20_000 },
    peers: [porticoLwm2m],
  },
];
