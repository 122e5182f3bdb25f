/** Opens a store and says who else may, and whether it takes something on; started where no file may get a byte. */

import { LogStore } from '../log-store.js';
import { DEFAULT_OPTIONS, storeServices } from './open-store.js';

const folder = process.argv[2] as string;
const store = await LogStore.open(folder, DEFAULT_OPTIONS, storeServices());
const other = await LogStore.open(folder, DEFAULT_OPTIONS, storeServices()).catch(({ code }) => code);
store.put('t', 'a', Buffer.from('1'));
const kind = await store.commit()?.catch((failure) => failure.kind);
await store.close().catch(() => {});
console.log(other, kind);
