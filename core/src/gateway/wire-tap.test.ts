import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../runtime/clock.js';
import { connectionInfo } from '../testing/recording-peer.js';
import type { FrameRow } from './contract.js';
import { type WireEnd, type WireEvent, type WireFilter, WireTap } from './wire-tap.js';

class TestEnd implements WireEnd {
  clientId: string | undefined;
  readonly info;

  constructor(gateway: string, host = '192.0.2.1') {
    this.info = connectionInfo(gateway, { peer: { host, port: 1 } });
  }
}

function row(title: string, hex = ''): FrameRow {
  return { title, offset: 0, hex, fields: [], faults: [] };
}

function setUp(...filters: readonly WireFilter[]) {
  const tap = new WireTap(new VirtualClock());
  const told = filters.map((filter) => {
    const events: WireEvent[] = [];
    tap.watch(filter, (event) => events.push(event));
    return events;
  });
  const titles = (which: number) => told[which]?.map(({ frame, reason }) => frame?.title ?? reason);
  return { tap, told, titles };
}

test('nobody is told of anything while nobody watches', () => {
  const { tap } = setUp();
  assert.equal(tap.watched, false);
  const end = tap.watch({}, () => {});
  assert.equal(tap.watched, true);
  end?.();
  assert.equal(tap.watched, false);
  assert.equal(tap.wants(new TestEnd('mqtt')), false);
});

test('those are told who watch the gateway, the address, or both', () => {
  const { tap, titles } = setUp(
    { gateway: 'mqtt' },
    { host: '192.0.2.2' },
    { gateway: 'mqtt', host: '192.0.2.2' },
  );
  tap.frame(new TestEnd('mqtt', '192.0.2.1'), 'receive', [row('A')]);
  tap.frame(new TestEnd('coap', '192.0.2.2'), 'send', [row('B')]);
  tap.frame(new TestEnd('mqtt', '192.0.2.2'), 'receive', [row('C')]);
  assert.deepEqual([titles(0), titles(1), titles(2)], [['A', 'C'], ['B', 'C'], ['C']]);
});

test('who watches a client gets the frames before its name was known, the last of them if they were many', () => {
  const { tap, titles } = setUp({ clientId: 'a' }, { clientId: 'b' });
  const end = new TestEnd('mqtt');
  for (let n = 1; n <= 10; n++) tap.frame(end, 'receive', [row(`${n}`)]);
  assert.deepEqual(titles(0), []);
  end.clientId = 'a';
  tap.frame(end, 'send', [row('CONNACK')]);
  tap.frame(end, 'receive', [row('PINGREQ')]);
  assert.deepEqual(titles(0), ['3', '4', '5', '6', '7', '8', '9', '10', 'CONNACK', 'PINGREQ']);
  assert.deepEqual(titles(1), []);
  assert.equal(tap.wants(end), true);
  end.clientId = 'c';
  assert.equal(tap.wants(end), false);
});

test('what the link found wrong stands with the first frame, and the others are not told', () => {
  const { tap, told } = setUp({});
  const fault = { offset: 3, message: 'too long' };
  tap.frame(new TestEnd('mqtt'), 'receive', [row('A'), row('B')], fault);
  assert.deepEqual(
    told[0]?.map(({ frame }) => frame),
    [{ ...row('A'), faults: [{ offset: 3, reason: 'too long' }] }],
  );
});

test('the end of a connection is told with what was no whole frame', () => {
  const { tap, told } = setUp({});
  tap.closed(new TestEnd('jt808'), 'closed', row('no frame'));
  const [event] = told[0] ?? [];
  assert.deepEqual([event?.direction, event?.reason, event?.frame?.title], ['close', 'closed', 'no frame']);
});

test('of very long frames the beginning is told', () => {
  const { tap, told } = setUp({});
  tap.frame(new TestEnd('mqtt'), 'receive', [row('PUBLISH', '00'.repeat(100_000))]);
  assert.equal(told[0]?.[0]?.frame?.hex.length, 16_385);
});

test('no more than sixteen watch', () => {
  const { tap } = setUp(...Array.from({ length: 16 }, () => ({})));
  assert.equal(
    tap.watch({}, () => {}),
    undefined,
  );
});
