import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import mqtt from 'mqtt';
import { FREE_PORTS } from '../support/configuration.js';
import { LocalHub } from '../support/local-hub.js';

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
