import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellingHub } from '../sys/testing.js';
import { CertificateAlarms, type CertificateHolder } from './certificate-alarms.js';

const DAY = 86_400_000;

function watched(days: number | undefined) {
  const { hub, alarms } = tellingHub();
  const listener = { name: 'mqtt:tls:default', certificatesEnd: end(days) };
  const plain: CertificateHolder = { name: 'mqtt:tcp:default' };
  const monitor = new CertificateAlarms(alarms, hub.engine, () => [plain, listener]);
  monitor.start();
  const active = () => alarms.active.map(({ name }) => name);

  /** So many days from now. */
  function end(from: number | undefined): number | undefined {
    return from === undefined ? undefined : hub.clock.now() + from * DAY;
  }
  return { hub, alarms, listener, monitor, active, end };
}

test('an alarm tells of a certificate that ends within 30 days, and is over when there is another', () => {
  const { hub, alarms, listener, monitor, active, end } = watched(31);
  assert.deepEqual(active(), []);
  hub.clock.advance(DAY + 3_600_000);
  assert.deepEqual(active(), ['certificate_expiry:mqtt:tls:default']);
  assert.equal(
    alarms.active[0]?.message,
    'A certificate of mqtt:tls:default is good until 2026-02-01T00:00:00.000Z',
  );
  assert.deepEqual(alarms.active[0]?.details, { not_after: '2026-02-01T00:00:00.000Z' });
  listener.certificatesEnd = end(90);
  monitor.look();
  assert.deepEqual(active(), []);
});

test('one that has ended already is told at start, one that an operator has ended not again', () => {
  const { hub, alarms, listener, monitor, active, end } = watched(-1);
  assert.deepEqual(active(), ['certificate_expiry:mqtt:tls:default']);
  alarms.deactivate('certificate_expiry:mqtt:tls:default');
  hub.clock.advance(DAY);
  assert.deepEqual(active(), []);
  listener.certificatesEnd = end(5);
  monitor.look();
  assert.deepEqual(
    active(),
    ['certificate_expiry:mqtt:tls:default'],
    'another certificate is another matter',
  );
});

test('listeners without certificates need none, and after the stop nobody looks', () => {
  const { hub, monitor, active } = watched(undefined);
  hub.clock.advance(DAY);
  assert.deepEqual(active(), []);
  monitor.stop();
  assert.equal(hub.timers.size, 0);
});
