import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Command } from '../support/command.js';
import { eventually } from '../support/eventually.js';
import { Portico } from '../support/portico.js';

/** The way that docs/modules.md and docs/trace.md lead a newcomer: from no JT/T 808 to why a terminal is refused. */

const BINARY = fileURLToPath(new URL('../../../bin/portico', import.meta.url));
const SECRET = 'open sesame';
const CONFIG = `gateways:
  mqtt: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }
  jt808: { enable: false, listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }
`;

let portico: Portico;
let access: readonly string[];

before(async () => {
  const env = { PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: SECRET };
  portico = await Portico.start({ config: CONFIG, env });
  access = ['--url', `http://127.0.0.1:${portico.port('management:http')}`, '--app', `admin:${SECRET}`];
});

after(() => portico.stop());

const run = (...words: readonly string[]) => Command.run(BINARY, ...words, ...access);

/** One terminal, for a second. @returns what the simulator tells */
function simulate(port: string): Promise<string> {
  return Command.run(BINARY, 'simulate', 'jt808', '--devices', '1', '--duration', '1s', '--port', port);
}

test('a newcomer enables JT/T 808, sees the frames of a terminal, and finds why it is refused', async () => {
  assert.match(await run('modules', 'list'), /^jt808 +stopped +no /m);
  assert.equal(await run('modules', 'enable', 'jt808'), 'ok\n');
  const listed = await run('listeners', 'list');
  const [, port = ''] = listed.match(/^jt808:tcp:default +127\.0\.0\.1:(\d+) +yes /m) ?? [];
  const wire = new Command(BINARY, 'trace', 'wire', '--gateway', 'jt808', ...access);
  await eventually('frames are watched', () => portico.output.includes('action=watch_wire'));
  assert.equal(await run('trace', 'start', 'client', '013900000000', '--name', 'bus7'), 'bus7\n');

  assert.match(await simulate(port), /^logins +1 accepted, 0 refused$/m);
  await wire.expect(/0x0100 terminal registration/);
  await wire.expect(/license_number +"沪A00000"/);
  await wire.expect(/code +\*\*\*/);
  await wire.expect(/id +0x0102 terminal authentication\n.*result +0 \(success\)/);
  await wire.expect(/closed: .*client 013900000000\) reason: normal/);
  assert.match(await run('trace', 'download', 'bus7'), /"title":"0x0102 terminal authentication"/);
  assert.match(await run('clients', 'list'), /^013900000000 +jt808 +disconnected /m);

  const closed = await run('config', 'set', 'gateways.jt808.allow_anonymous', 'false');
  assert.match(closed, /^ok\nwarning: jt808:tcp:default: all clients are refused here/);
  assert.match(await simulate(port), /^refused: authentication, result 1/m);
  await wire.expect(/id +0x0102 terminal authentication\n.*result +1 \(failure\)/);
  assert.match(portico.output, /client refused clientid=013900000000 .*reason=not_authorized/);
  assert.equal(await run('config', 'unset', 'gateways.jt808.allow_anonymous'), 'ok\n');
  assert.match(await simulate(port), /^logins +1 accepted, 0 refused$/m);
  await wire.stop();
});
