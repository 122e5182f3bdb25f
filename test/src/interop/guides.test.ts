import { after, before, suite, test } from 'node:test';
import { eventually } from '../support/eventually.js';
import { Guide } from '../support/guide.js';

/** Runs what pages of docs/ tell their readers to run. */

const GUIDES = [
  {
    page: 'tls.md',
    ports: { 8883: 'mqtt:tls:default' },
    logged: [/CERT_REVOKED/, /identity is \\?"meter-1/, /client refused.*not_authorized/],
  },
  {
    page: 'security/dtls.md',
    ports: { 5684: 'coap:dtls:default', 5685: 'coap:dtls:raw' },
    logged: [/wrong_psk/, /"CN=device-2\\?" is revoked/, /client connected .*username=device-1/],
  },
] as const;

for (const { page, ports, logged } of GUIDES) {
  suite(page, () => {
    const guide = new Guide(page, ports);
    before(() => guide.prepare());
    after(() => guide.remove());

    test('every command of the guide does what it says', async () => {
      guide.tryAll();
      for (const reason of logged) {
        await eventually(`the log says ${reason}`, () => reason.test(guide.output));
      }
    });
  });
}
