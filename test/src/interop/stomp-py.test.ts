import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Command } from '../support/command.js';
import { Portico } from '../support/portico.js';

/** Debian's python3-stomp, as a library and as the command `stomp`, in each version. */

const SCRIPT = fileURLToPath(new URL('../../clients/stomp_py.py', import.meta.url));
/** Debian's own, which finds Debian's packages. */
const PYTHON = '/usr/bin/python3';

let portico: Portico;
let port: string;
before(async () => {
  portico = await Portico.start();
  port = String(portico.port('stomp:tcp:default'));
});
after(() => portico.stop());

for (const version of ['1.0', '1.1', '1.2']) {
  test(`stomp.py, version ${version}: messages, transactions, acknowledgements, durable subscription, errors`, async () => {
    assert.deepEqual((await Command.run(PYTHON, SCRIPT, port, version)).trim().split('\n'), [
      'received py/a x/y v 0001ff',
      'committed commit behind',
      'again 3 true',
      'error Transaction nothing not found',
      'the end',
    ]);
  });
}
