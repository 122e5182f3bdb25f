/** Writes 30 values of 100 kB into a store, whatever its disk says; started with a limit of the size of files. */

import { LogStore } from '../log-store.js';
import { DEFAULT_OPTIONS, storeServices } from './open-store.js';

const services = storeServices();
const store = await LogStore.open(process.argv[2] as string, DEFAULT_OPTIONS, services);
const failures = new Set<string>();
for (let number = 0; number < 30; number++) {
  store.put('t', String(number), Buffer.alloc(100_000, number));
  try {
    await store.commit();
  } catch {
    failures.add(store.failure?.kind ?? 'none');
    const recovered = new Promise<void>((resolve) => store.onRecovered(resolve));
    services.clock.advance(1010);
    await recovered;
  }
}
await store.close();
console.log([...failures].join());
