import { jt808Decode, jt808Encode } from '../brokers/jt808-codec.js';
import { porticoJt808 } from '../brokers/portico.js';
import type { Case } from './case.js';

export const jt808Cases: readonly Case[] = [
  {
    // A terminal that has been out of reach sends what it has kept without waiting for each answer. With one or two on
    // their way each location costs a read and a write of its own, and Node.js's part in these is what is measured.
    name: 'jt808-locations',
    title:
      'JT/T 808 locations with ten additional items of 5,000 terminals, ten of each waiting for their answers',
    load: { kind: 'jt808', terminals: 5000, inFlight: 10 },
    peers: [porticoJt808],
  },
  {
    name: 'jt808-decode',
    title: 'JT/T 808 locations with ten additional items, decoded by the codec alone',
    load: { kind: 'codec' },
    peers: [jt808Decode],
  },
  {
    name: 'jt808-encode',
    title: 'JT/T 808 locations with ten additional items, encoded by the codec alone',
    load: { kind: 'codec' },
    peers: [jt808Encode],
  },
];
