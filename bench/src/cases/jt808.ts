import { porticoJt808 } from '../brokers/portico.js';
import type { Case } from './case.js';

export const jt808Cases: readonly Case[] = [
  {
    name: 'jt808-locations',
    title:
      'JT/T 808 locations with ten additional items of 5,000 terminals, ten of each waiting for their answers',
    load: { kind: 'jt808', terminals: 5000, inFlight: 10 },
    peers: [porticoJt808],
  },
];
