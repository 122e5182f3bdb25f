import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import test, { after } from 'node:test';
import { storeServices } from './log/testing/open-store.js';
import { logStoreOptions, openStore } from './open-store.js';
import { storeConfigSchema } from './store-config.js';

const folder = mkdtempSync(join(tmpdir(), 'portico-store-'));
after(() => rmSync(folder, { recursive: true }));

test('the embedded store is in its folder, where a second one is not let in', async () => {
  const config = storeConfigSchema.parse({});
  const dataDir = join(folder, 'data');
  const store = await openStore(config, dataDir, storeServices());
  store.put('t', 'a', Buffer.from('1'));
  await store.commit();
  assert.deepEqual(readdirSync(join(dataDir, 'store')).sort(), ['00000001.log', 'lock']);
  await assert.rejects(openStore(config, dataDir, storeServices()), {
    code: 'PORTICO_ERR_STORE_LOCKED',
    message: new RegExp(`lock: process ${process.pid} on `),
  });
  await store.close();
  assert.deepEqual(readdirSync(join(dataDir, 'store')), ['00000001.log']);
  const again = await openStore(config, dataDir, storeServices());
  assert.equal(String(await again.get('t', 'a')), '1');
  await again.close();
});

test('the folder is made with all above it, wherever the process stands', async () => {
  const dataDir = relative(process.cwd(), join(folder, 'some', 'levels', 'down'));
  const store = await openStore(storeConfigSchema.parse({}), dataDir, storeServices());
  await store.close();
  assert.deepEqual(readdirSync(join(folder, 'some', 'levels', 'down', 'store')), []);
});

test('a store in memory leaves no file', async () => {
  const dataDir = join(folder, 'none');
  const store = await openStore(storeConfigSchema.parse({ type: 'memory' }), dataDir, storeServices());
  assert.equal(store.durable, false);
  await store.close();
  assert.deepEqual(readdirSync(folder).includes('none'), false);
});

test('the number of entries is bound by the memory of the process', () => {
  const { maxEntries } = logStoreOptions(storeConfigSchema.parse({}));
  assert.ok(maxEntries > 100_000 && maxEntries < 2 ** 24);
});

test('a folder that cannot be made is named', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  await assert.rejects(openStore(storeConfigSchema.parse({}), file, storeServices()), {
    code: 'PORTICO_ERR_STORE',
    message: new RegExp(`${file}/store: `),
  });
});

test('a store that is refused is not left locked', async () => {
  const dataDir = join(folder, 'strange');
  const config = storeConfigSchema.parse({});
  const store = await openStore(config, dataDir, storeServices());
  await store.close();
  writeFileSync(join(dataDir, 'store', '00000001.log'), 'something else, longer than the header of a log');
  await assert.rejects(openStore(config, dataDir, storeServices()), { code: 'PORTICO_ERR_STORE' });
  assert.deepEqual(readdirSync(join(dataDir, 'store')), ['00000001.log']);
});
