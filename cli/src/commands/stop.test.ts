import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { localAccessFile } from '@portico/management/access';
import { PorticoFolder, runCommand, tcpAlone } from '../testing.js';
import { ping, stopHub } from './stop.js';

/** Against a hub that runs as a process of its own. */

const portico = new PorticoFolder({ PORTICO_MANAGEMENT__BIND: '127.0.0.1:0' });

test('a hub that runs answers a ping, and is stopped; what does not run is told, with exit code 3', async () => {
  const dataDir = join(portico.directory, 'data');
  const hub = portico.start(tcpAlone(0), { PORTICO_NODE__DATA_DIR: dataDir });
  for (let line = ''; !line.includes('is running'); ) line = await hub.nextLine();
  assert.deepEqual(await runCommand({ dataDir }, ping, {}), { code: 0, stdout: 'pong\n', stderr: '' });
  await assertLeftAlone(dataDir);
  const stopped = await runCommand({ dataDir }, stopHub, {});
  assert.deepEqual(stopped, { code: 0, stdout: 'Portico is stopped\n', stderr: '' });
  await hub.ended;
  assert.equal(hub.child.exitCode, 0);
  const again = await runCommand({ dataDir }, stopHub, {});
  assert.equal(again.code, 3);
  assert.match(again.stderr, /the management API cannot be used: /);
  assert.equal((await runCommand({ dataDir }, ping, {})).code, 3);
});

/** A process that has its number in another container is not told to stop: here that may be any other one. */
async function assertLeftAlone(dataDir: string): Promise<void> {
  const file = localAccessFile(dataDir);
  const access = readFileSync(file, 'utf8');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(access), pidNamespace: 'pid:[1]' }));
  const { code, stderr } = await runCommand({ dataDir }, stopHub, {});
  assert.equal(code, 3);
  assert.match(stderr, /process \d+ is in another container: stop it there/);
  writeFileSync(file, access);
}
