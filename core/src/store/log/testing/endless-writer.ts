/** Writes numbers into a store and prints each that is durable, until it is killed. */

import { systemClock } from '../../../runtime/clock.js';
import { LogStore } from '../log-store.js';
import { DEFAULT_OPTIONS, storeServices } from './open-store.js';

const services = { ...storeServices(), clock: systemClock };
const store = await LogStore.open(process.argv[2] as string, DEFAULT_OPTIONS, services);
for (let number = 0; ; number++) {
  store.put('t', String(number), Buffer.from(String(number)));
  if (number % 3 === 0) store.delete('t', String(number - 3));
  await store.commit();
  console.log(number);
}
