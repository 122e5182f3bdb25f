import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { accessConfigSchema } from '../access/access-config.js';
import { defineGateway } from '../gateway/contract.js';
import { PorticoError } from '../runtime/errors.js';
import { gatewayConfigSchema } from './gateway-config.js';
import { namedFileFaults } from './named-files.js';

const gateway = defineGateway({
  name: 'lines',
  title: 'Lines',
  description: 'lines of text',
  config: z.object({ folder: z.string().default('sound').describe('folder with words') }),
  transports: ['tcp'],
  defaultListeners: { tcp: { default: { bind: '127.0.0.1:1000' } } },
  checkFiles({ folder }) {
    if (folder !== 'sound') throw new PorticoError('PORTICO_ERR_CONFIG_FILE', folder);
  },
  create: () => assert.fail('nothing is made'),
});

/** What the gateway says of its files with this section. */
async function faultsOf(section: unknown): Promise<string[]> {
  const access = accessConfigSchema.parse({});
  const lines = gatewayConfigSchema(gateway).parse(section);
  const faults = await namedFileFaults({ access, gateways: { lines } }, [gateway]);
  return faults.map(({ message }) => message);
}

const listeners = {
  tcp: {
    default: { bind: 1, zone: 'near' },
    b: { bind: 2, zone: 'far' },
    c: { bind: 3, zone: 'far', enable: false },
  },
};

test('a gateway looks at the files that its own keys name', async () => {
  assert.deepEqual(await faultsOf({}), []);
  assert.deepEqual(await faultsOf({ folder: 'lost' }), ['the configuration file cannot be read: lost']);
});

test('a gateway that is not started is not asked', async () => {
  assert.deepEqual(await faultsOf({ enable: false, folder: 'lost' }), []);
});

test('every zone of a listener that is opened is looked at, the same fault told once', async () => {
  const zones = { near: {}, far: { folder: 'gone' } };
  assert.deepEqual(await faultsOf({ folder: 'lost', zones, listeners }), [
    'the configuration file cannot be read: lost',
    'the configuration file cannot be read: gone',
  ]);
  assert.deepEqual(await faultsOf({ folder: 'lost', zones: { near: {}, far: {} }, listeners }), [
    'the configuration file cannot be read: lost',
  ]);
  assert.deepEqual(
    await faultsOf({
      folder: 'lost',
      zones: { near: { folder: 'sound' }, far: { folder: 'sound' } },
      listeners,
    }),
    [],
  );
});
