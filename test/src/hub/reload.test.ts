import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Command, Encryption, encodeMessage, ResponseFlag } from '@portico/codec-gbt32960';
import mqtt from 'mqtt';
import { FREE_PORTS } from '../support/configuration.js';
import { LocalHub } from '../support/local-hub.js';
import { ManagedHub } from '../support/managed-hub.js';
import { RawClient } from '../support/raw-client.js';

const folder = mkdtempSync(join(tmpdir(), 'portico-reload-'));
const file = join(folder, 'acl.conf');
after(() => rmSync(folder, { recursive: true }));

test('a reload takes the new access rules at once, or says what is wrong and leaves the old', async () => {
  writeFileSync(file, '{deny, all}.');
  const local = await LocalHub.start(`access: { acl_file: ${file} }\n${FREE_PORTS}`);
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${local.port('mqtt:tcp:default')}`);
  const denied = async () => {
    await client.publishAsync('topic', 'x', { qos: 1 });
    return local.metric('messages.dropped.not_authorized');
  };
  assert.equal(await denied(), 1);
  writeFileSync(file, '{allow, all}.');
  assert.deepEqual(await local.hub.reload(), []);
  assert.equal(await denied(), 1);
  writeFileSync(file, '{allow, nobody}.');
  const [fault, ...others] = await local.hub.reload();
  assert.equal(fault?.code, 'PORTICO_ERR_ACL_FILE');
  assert.deepEqual(others, []);
  assert.equal(await denied(), 1);
  await client.endAsync();
  await local.stop();
});

const VIN = '1G1BL52P7TR115520';
const OLD_KEY = '00'.repeat(16);
const NEW_KEY = '11'.repeat(16);

/** A login, or a report without items, encrypted by AES-128. */
function encryptedMessage(command: number, key: string): Buffer {
  const time = '1a0101080000';
  const login = `${time}0001${'31'.repeat(20)}000000`;
  const plain = Buffer.from(command === Command.VehicleLogin ? login : time, 'hex');
  const cipher = createCipheriv('aes-128-ecb', Buffer.from(key, 'hex'), null);
  const Data = Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
  return encodeMessage({ command, vin: VIN, encryption: Encryption.Aes128, data: { Data } });
}

test('a reload takes new keys of vehicles, for those that are connected, too, or leaves the old', async () => {
  const keys = join(folder, 'keys');
  const section = `vehicle_keys_file: ${keys}, listeners: { tcp: { default: { bind: 127.0.0.1:0 } } }`;
  const text = `access: { allow_anonymous: true }\ngateways: { gbt32960: { ${section} } }`;
  writeFileSync(keys, 'nobody');
  await assert.rejects(LocalHub.start(text), { code: 'PORTICO_ERR_VEHICLE_KEYS' });
  writeFileSync(keys, `${VIN} aes128 ${OLD_KEY}`);
  const local = await LocalHub.start(text);
  const vehicle = await RawClient.connect(local.port('gbt32960:tcp:default'));
  const sends = async (command: number, key: string) => {
    vehicle.send(encryptedMessage(command, key));
    const answer = await vehicle.readBytes(31);
    return answer[3];
  };
  assert.equal(await sends(Command.VehicleLogin, OLD_KEY), ResponseFlag.Success);
  assert.equal(await sends(Command.RealTimeReport, NEW_KEY), ResponseFlag.Error);
  writeFileSync(keys, `${VIN} aes128 ${NEW_KEY}`);
  assert.deepEqual(await local.hub.reload(), []);
  assert.equal(await sends(Command.RealTimeReport, NEW_KEY), ResponseFlag.Success);
  writeFileSync(keys, `${VIN} aes128 1`);
  const [fault, ...others] = await local.hub.reload();
  assert.equal(fault?.code, 'PORTICO_ERR_VEHICLE_KEYS');
  assert.deepEqual(others, []);
  assert.equal(await sends(Command.RealTimeReport, NEW_KEY), ResponseFlag.Success);
  vehicle.destroy();
  await local.stop();
});

test('a reload takes new keys for vehicles, too, that have come before the configuration was changed', async () => {
  const keys = join(folder, 'other-keys');
  const section = `vehicle_keys_file: ${keys}, listeners: { tcp: { default: { bind: 127.0.0.1:0 } } }`;
  writeFileSync(keys, `${VIN} aes128 ${OLD_KEY}`);
  const { hub, modules } = await ManagedHub.start(
    `access: { allow_anonymous: true }\ngateways: { gbt32960: { ${section} } }`,
  );
  const [listener] = hub.listeners;
  const vehicle = await RawClient.connect(listener?.address.port ?? 0);
  const sends = async (command: number, key: string) => {
    vehicle.send(encryptedMessage(command, key));
    const answer = await vehicle.readBytes(31);
    return answer[3];
  };
  assert.equal(await sends(Command.VehicleLogin, OLD_KEY), ResponseFlag.Success);
  await modules.change([{ path: ['gateways', 'gbt32960', 'max_retries'], value: 1 }]);
  writeFileSync(keys, `${VIN} aes128 ${NEW_KEY}`);
  assert.deepEqual(await hub.reload(), []);
  assert.equal(await sends(Command.RealTimeReport, NEW_KEY), ResponseFlag.Success);
  vehicle.destroy();
});
