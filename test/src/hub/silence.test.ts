import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { VirtualClock } from '@portico/core';
import { LocalHub } from '../support/local-hub.js';
import { nextDatagram, openUdp } from '../support/udp-socket.js';

/** How long UDP devices may be silent: their protocol says more of it than `idle_timeout` of the listener. */

const LISTENER = 'mqttsn:udp:default';
const CONFIG = `
gateways:
  mqttsn:
    listeners:
      udp: { default: { bind: 127.0.0.1:0, idle_timeout: 5m } }
`;
const MINUTE = 60_000;

/** A device of datagrams in hexadecimal: `ask` sends one and waits for the next that it `hears`. */
async function openDevice(t: TestContext, hub: LocalHub) {
  const socket = await openUdp(hub.port(LISTENER));
  t.after(() => socket.close());
  const hears = async (): Promise<string> => (await nextDatagram(socket)).toString('hex');
  const ask = (hex: string): Promise<string> => {
    const answer = hears();
    socket.send(Buffer.from(hex, 'hex'));
    return answer;
  };
  return { ask, hears };
}

test('MQTT-SN clients are not forgotten before their keep alive or their sleep is over', async (t) => {
  const clock = new VirtualClock();
  const hub = await LocalHub.start(CONFIG, undefined, clock);
  t.after(() => hub.stop());
  const active = await openDevice(t, hub);
  const sleeper = await openDevice(t, hub);
  const sender = await openDevice(t, hub);
  const hourOfKeepAlive = '0e10';
  const twoHoursOfSleep = '1c20';
  const noKeepAlive = '0000';
  assert.equal(await active.ask(`08040401${hourOfKeepAlive}6131`), '030500');
  assert.equal(await sleeper.ask(`08040401${noKeepAlive}7331`), '030500');
  assert.match(await active.ask('07120200017879'), /^0813/);
  assert.match(await sleeper.ask('07122200017879'), /^0813/);
  assert.equal(await sleeper.ask(`0418${twoHoursOfSleep}`), '0218');

  clock.advance(65 * MINUTE);
  assert.equal(hub.connections(LISTENER), 2);
  assert.equal(await sender.ask(`08040401${noKeepAlive}7032`), '030500');
  const reached = active.hears();
  assert.equal(await sender.ask('080c227879000131'), '070d7879000100');
  assert.equal(await reached, '080c027879000031');

  const lost = active.hears();
  clock.advance(2 * MINUTE);
  assert.equal(await lost, '0218');
  assert.equal(await sleeper.ask('04167331'), '080c227879000131');
  assert.equal(await sleeper.ask('070d7879000100'), '0217');
  clock.advance(131 * MINUTE);
  assert.equal(hub.connections(LISTENER), 1);
  clock.advance(6 * MINUTE);
  assert.equal(hub.connections(LISTENER), 0);
});
