import { gbt32960Codec } from '../brokers/gbt32960-codec.js';
import { porticoGbt32960AndMqtt } from '../brokers/portico.js';
import type { Case } from './case.js';

export const gbt32960Cases: readonly Case[] = [
  {
    name: 'gbt32960',
    title:
      'GB/T 32960 real-time reports with 96 cell voltages of 5,000 vehicles to an MQTT subscriber, ten of each waiting for their answers',
    load: { kind: 'gbt32960', vehicles: 5000, inFlight: 10 },
    peers: [porticoGbt32960AndMqtt],
  },
  {
    name: 'gbt32960-codec',
    title: 'GB/T 32960 real-time reports with 96 cell voltages, decoded by the codec alone',
    load: { kind: 'codec' },
    peers: [gbt32960Codec],
  },
];
