import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { PorticoFolder, runCommand, tcpAlone } from '../testing.js';
import { ping, stopHub } from './stop.js';

/** Against a hub that runs as a process of its own. */

const portico = new PorticoFolder({ PORTICO_MANAGEMENT__BIND: '127.0.0.1:0' });

test('a hub that runs answers a ping, and is stopped; what does not run is told, with exit code 3', async () => {
  const dataDir = join(portico.directory, 'data');
  const hub = portico.start(tcpAlone(0), { PORTICO_NODE__DATA_DIR: dataDir });
  for (let line = ''; !line.includes('is running'); ) line = await hub.nextLine();
  assert.deepEqual(await runCommand({ dataDir }, ping, {}), { code: 0, stdout: 'pong\n', stderr: '' });
  const stopped = await runCommand({ dataDir }, stopHub, {});
  assert.deepEqual(stopped, { code: 0, stdout: 'Portico is stopped\n', stderr: '' });
  await hub.ended;
  assert.equal(hub.child.exitCode, 0);
  const again = await runCommand({ dataDir }, stopHub, {});
  assert.equal(again.code, 3);
  assert.match(again.stderr, /the management API cannot be used: /);
  assert.equal((await runCommand({ dataDir }, ping, {})).code, 3);
});
