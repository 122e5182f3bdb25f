import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameError } from '@portico/frame';
import { type MemoryLink, MemoryPlatform } from '../testing.js';
import type { Device, Uplink } from './contract.js';
import { Fleet } from './fleet.js';

/** A device of a protocol with two answers: `y`, it is let in, and `n`, it is not. */
class Greeter implements Device {
  #uplink: Uplink | undefined;

  opened(uplink: Uplink): void {
    this.#uplink = uplink;
    uplink.send(Buffer.from('hello'));
  }

  received(bytes: Buffer): void {
    const answer = bytes.toString();
    if (answer === 'y') this.#uplink?.accepted();
    else if (answer === 'n') this.#uplink?.refused('not known');
    else if (answer === 'gone') this.#uplink?.lost('forgotten');
    else if (answer === 'bye') this.#uplink?.hangUp();
    else throw new FrameError('no_answer', 0, 'neither y nor n');
  }

  closed(): void {
    this.#uplink = undefined;
  }

  leave(): void {
    this.#uplink?.send(Buffer.from('goodbye'));
  }
}

function greeters(devices: number, connectRate = 100) {
  const platform = new MemoryPlatform();
  const { clock, timers, connect } = platform;
  const fleet = new Fleet({
    clock,
    timers,
    connect,
    devices,
    connectRate,
    seed: 1,
    makeDevice: () => new Greeter(),
  });
  fleet.start();
  return { platform, clock, fleet };
}

/** A fleet of one, which is let in. */
function greeter() {
  const { platform, clock, fleet } = greeters(1);
  clock.advance(10);
  const link = platform.takeOne().opens();
  link.sends(Buffer.from('y'));
  return { platform, clock, fleet, link };
}

const none = { logins: 0, refused: 0, failed: 0, lost: 0 };
function counted({ tally }: Fleet) {
  const { logins, refused, failed, lost } = tally.counts;
  return { logins, refused, failed, lost };
}

test('connections are opened as many a second as they may', () => {
  const { platform, clock } = greeters(1000, 200);
  clock.advance(1000);
  const first = platform.take().length;
  assert.ok(first >= 195 && first <= 205, String(first));
  clock.advance(5000);
  assert.equal(first + platform.take().length, 1000);
});

test('a device that is let in is connected; one whose connection is lost comes back in a while', () => {
  const { platform, clock, fleet, link } = greeter();
  assert.equal(link.take().toString(), 'hello');
  assert.equal(fleet.tally.connected, 1);
  link.closes('ECONNRESET');
  assert.equal(fleet.tally.connected, 0);
  assert.deepEqual(counted(fleet), { ...none, logins: 1, lost: 1 });
  assert.deepEqual([...fleet.tally.reasons], [['lost: ECONNRESET', 1]]);
  clock.advance(490);
  assert.equal(platform.take().length, 0);
  clock.advance(600);
  platform.takeOne().opens().sends(Buffer.from('y'));
  assert.equal(fleet.tally.connected, 1);
});

test('pauses get longer while the platform cannot be reached, up to a minute', () => {
  const { platform, clock } = greeters(1);
  clock.advance(10);
  let link = platform.takeOne();
  for (const longest of [1, 2, 4, 8, 16, 32, 60, 60]) {
    link.closes('ECONNREFUSED');
    clock.advance(longest * 500 - 20);
    assert.equal(platform.take().length, 0, `${longest} s`);
    clock.advance(longest * 500 + 40);
    link = platform.takeOne();
  }
});

test('devices that are lost together do not come back together', () => {
  const { platform, clock } = greeters(20, 10_000);
  clock.advance(100);
  for (const link of platform.take()) link.closes();
  const times = new Set<number>();
  for (let time = 0; time <= 1100; time += 10) {
    clock.advance(10);
    if (platform.take().length > 0) times.add(time);
  }
  assert.ok(times.size > 10, String(times.size));
});

test('a device that the platform refuses is counted with the reason, and tries again', () => {
  const { platform, clock, fleet } = greeters(1);
  clock.advance(10);
  const link = platform.takeOne().opens();
  link.sends(Buffer.from('n'));
  assert.equal(link.ended, 'destroyed');
  assert.deepEqual(counted(fleet), { ...none, refused: 1 });
  assert.deepEqual([...fleet.tally.reasons], [['refused: not known', 1]]);
  clock.advance(1100);
  platform.takeOne();
});

test('a platform that says nothing, to the connection or the login, is not waited for', () => {
  const { platform, clock, fleet } = greeters(2);
  clock.advance(100);
  const [silent, open] = platform.take() as [MemoryLink, MemoryLink];
  open.opens();
  clock.advance(15_000);
  assert.deepEqual([silent.ended, open.ended], ['destroyed', 'destroyed']);
  assert.deepEqual(counted(fleet), { ...none, failed: 2 });
  assert.deepEqual([...fleet.tally.reasons], [['failed: no answer to the login', 2]]);
});

test('bytes that are none of the protocol end the connection, and that alone', () => {
  const { platform, clock, fleet, link } = greeter();
  link.sends(Buffer.from('?'));
  assert.equal(link.ended, 'destroyed');
  assert.deepEqual([...fleet.tally.reasons], [['lost: what the platform sends is wrong: no_answer', 1]]);
  clock.advance(1100);
  platform.takeOne();
});

test('a device that believes that it is lost connects anew', () => {
  const { platform, clock, fleet, link } = greeter();
  link.sends(Buffer.from('gone'));
  assert.equal(link.ended, 'destroyed');
  assert.deepEqual([...fleet.tally.reasons], [['lost: forgotten', 1]]);
  clock.advance(1100);
  platform.takeOne();
});

test('a device that hangs up comes back, and is not counted as lost', () => {
  const { platform, clock, fleet, link } = greeter();
  link.sends(Buffer.from('bye'));
  assert.equal(link.ended, 'ended');
  link.closes();
  assert.deepEqual(counted(fleet), { ...none, logins: 1 });
  clock.advance(1100);
  platform.takeOne();
});

test('the connection of a device that hangs up is ended if the platform does not', () => {
  const { clock, link } = greeter();
  link.sends(Buffer.from('bye'));
  clock.advance(15_010);
  assert.equal(link.ended, 'destroyed');
});

test('a fleet that stops takes leave, waits for its connections, and opens no more', async () => {
  const { platform, clock, fleet } = greeters(4, 100);
  clock.advance(25);
  const [first, second] = platform.take() as [MemoryLink, MemoryLink];
  first.opens().sends(Buffer.from('y'));
  first.take();
  fleet.stop();
  assert.deepEqual([first.take().toString(), first.ended], ['goodbye', 'ended']);
  assert.equal(second.ended, 'destroyed');
  first.closes();
  await fleet.stopped;
  clock.advance(100_000);
  assert.equal(platform.take().length, 0);
  assert.deepEqual(counted(fleet), { ...none, logins: 1 });
});

test('connections that the platform does not end are ended', async () => {
  const { clock, fleet, link } = greeter();
  fleet.stop();
  clock.advance(3_010);
  assert.equal(link.ended, 'destroyed');
  await fleet.stopped;
});
