import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Command } from '../support/command.js';
import { STOMP_BROKERS } from '../support/stomp-brokers.js';

/** Debian's python3-stomp, as a library and as the command `stomp`, in each version. */

const SCRIPT = fileURLToPath(new URL('../../clients/stomp_py.py', import.meta.url));
/** Debian's own, which finds Debian's packages. */
const PYTHON = '/usr/bin/python3';

for (const broker of STOMP_BROKERS) {
  describe(`stomp.py with ${broker.name}`, () => {
    let place: Awaited<ReturnType<typeof broker.start>>;
    before(async () => {
      place = await broker.start();
    });
    after(() => place?.stop());

    for (const version of ['1.0', '1.1', '1.2']) {
      test(`version ${version}: messages, transactions, acknowledgements, durable subscription, errors`, async () => {
        const args = [String(place.tcpPort), version, broker.name.toLowerCase()];
        assert.deepEqual((await Command.run(PYTHON, SCRIPT, ...args)).trim().split('\n'), [
          `received ${broker.destination('py', 'a')} x/y v 0001ff`,
          'committed commit behind',
          'again 3 true',
          `error ${broker.noTransaction}`,
          broker.endsAfterError ? 'the end' : 'it goes on',
        ]);
      });
    }
  });
}
