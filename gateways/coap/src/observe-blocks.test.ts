import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { block2, bytes, type Device, seen } from '@portico/coap-endpoint/testing';
import {
  type CoapMessage,
  ContentFormat,
  codeText,
  findOption,
  MessageType,
  OptionNumber,
} from '@portico/codec-coap';
import fc from 'fast-check';
import { CoapTest } from './testing.js';

const URI = 'mqtt/a?c=dev1';
const BIG = bytes(300);

interface Observing {
  readonly config?: Record<string, unknown>;
  /** Bytes of a block, as the registration asks for them. */
  readonly size?: number;
}

/** A device that observes a topic, and blocks of 128 bytes. */
function observing({ config, size }: Observing = {}) {
  const coap = new CoapTest({ keepalive: 0, max_block_size: 128, ...config });
  const device = coap.device();
  device.observe(URI, '01', size === undefined ? {} : { options: [block2(0, size)] });
  device.take();
  const publisher = coap.hub.client('publisher');
  const publish = (payload: Buffer | string, qos: 0 | 1 = 1) =>
    publisher.session.publish({ topic: 'a', payload: Buffer.from(payload), qos, retain: false });
  const inflight = () => coap.hub.engine.sessions.get('dev1')?.statistics.inflight;
  return { coap, device, publish, inflight };
}

/** What has come since the last look. */
function one(device: Device): CoapMessage {
  const [message, ...others] = device.take();
  assert.ok(message !== undefined && others.length === 0);
  return message;
}

/** Asks for a later block, with a token of its own and without Observe. */
function get(device: Device, num: number, size = 128): CoapMessage {
  device.get(URI, { token: 'fc', options: [block2(num, size)] });
  return device.take().find(({ type }) => type === MessageType.ACK) ?? assert.fail();
}

suite('RFC 7959 §3.4 combining Observe and Block2', () => {
  test('figure 12: the first block comes with the notification, the others are asked for', () => {
    const { device, publish } = observing();
    publish(BIG);
    const notification = one(device);
    assert.equal(seen(notification), '2.05 2:0/1/128');
    assert.deepEqual(
      notification.options.map(({ number }) => number),
      [
        OptionNumber.ETag,
        OptionNumber.Observe,
        OptionNumber.ContentFormat,
        OptionNumber.Block2,
        OptionNumber.Size2,
      ],
    );
    assert.equal(findOption(notification, OptionNumber.Size2)?.uint, BIG.length);
    device.acknowledges();
    const rest = [get(device, 1), get(device, 2)];
    assert.deepEqual(rest.map(seen), ['2.05 2:1/1/128', '2.05 2:2/0/128']);
    assert.deepEqual(Buffer.concat([notification, ...rest].map(({ payload }) => payload)), BIG);
    for (const block of rest) {
      assert.equal(block.token.toString('hex'), 'fc');
      assert.equal(findOption(block, OptionNumber.Observe), undefined);
      assert.equal(findOption(block, OptionNumber.ContentFormat)?.uint, ContentFormat.OctetStream);
      assert.deepEqual(
        findOption(block, OptionNumber.ETag)?.value,
        findOption(notification, OptionNumber.ETag)?.value,
      );
    }
  });

  test('figure 13: with early negotiation', () => {
    const { device, publish } = observing({ size: 64 });
    publish(BIG);
    assert.equal(seen(one(device)), '2.05 2:0/1/64');
    device.acknowledges();
    assert.equal(seen(get(device, 4, 64)), '2.05 2:4/0/64');
  });

  test('a notification that fits into a block has no block option', () => {
    const { device, publish } = observing();
    publish(bytes(128));
    assert.equal(seen(one(device)), '2.05');
  });

  test('Observe with a later block registers nothing, and is answered in kind', () => {
    const { coap, device, publish } = observing();
    publish(BIG);
    device.acknowledges();
    device.take();
    device.observe(URI, '02', { options: [block2(1, 128)] });
    const block = one(device);
    assert.equal(seen(block), '2.05 2:1/1/128');
    assert.ok(findOption(block, OptionNumber.Observe) !== undefined);
    assert.equal(coap.count('observe.registered'), 1);
  });

  test('smaller blocks may be asked for later, RFC 7959 §2.4', () => {
    const { device, publish } = observing();
    publish(BIG);
    device.acknowledges();
    device.take();
    assert.deepEqual(
      [4, 5, 18].map((num) => seen(get(device, num, 16))),
      ['2.05 2:4/1/16', '2.05 2:5/1/16', '2.05 2:18/0/16'],
    );
  });

  test('nobody else gets blocks of it: other peers, other clients, other topics', () => {
    const { coap, device, publish } = observing();
    publish(BIG);
    device.acknowledges();
    device.take();
    const other = coap.device();
    assert.equal(seen(get(other, 1)), '4.00');
    for (const uri of ['mqtt/a?c=dev2', 'mqtt/b?c=dev1']) {
      device.get(uri, { options: [block2(1, 128)] });
      assert.equal(seen(one(device)), '4.00');
    }
  });
});

suite('a message in blocks is delivered when its last block has been asked for', () => {
  test('the hub hears of it then', () => {
    const { coap, device, publish, inflight } = observing();
    publish(BIG);
    device.acknowledges();
    get(device, 1);
    assert.equal(inflight(), 1);
    get(device, 2);
    coap.wait(20);
    assert.equal(inflight(), 0);
  });

  test('also when that comes before the acknowledgement', () => {
    const { device, publish, inflight } = observing();
    publish(BIG);
    get(device, 1);
    get(device, 2);
    assert.equal(inflight(), 1);
    device.acknowledges();
    assert.equal(inflight(), 0);
  });

  test('later messages wait until then, in order, and come after the last block', () => {
    const { coap, device, publish } = observing();
    const last = (message: CoapMessage) => message.payload.at(-1);
    publish(BIG);
    publish('2');
    publish(bytes(200, 3));
    publish('4');
    device.acknowledges();
    assert.equal(device.take().length, 1);
    get(device, 1);
    get(device, 2);
    coap.wait(20);
    assert.equal(one(device).payload.toString(), '2');
    device.acknowledges();
    assert.equal(last(one(device)), bytes(200, 3)[127]);
    device.acknowledges();
    get(device, 1);
    coap.wait(20);
    assert.equal(one(device).payload.toString(), '4');
  });

  test('but not for long: whoever does not ask is sent the next one', () => {
    const { coap, device, publish, inflight } = observing();
    publish(BIG);
    publish('next');
    device.acknowledges();
    device.take();
    coap.wait(5000);
    get(device, 1);
    coap.wait(5000);
    assert.deepEqual(device.look(), [], 'six seconds from one block to the next');
    coap.wait(1010);
    assert.equal(one(device).payload.toString(), 'next');
    assert.equal(coap.count('notify.dropped.unfetched'), 1);
    device.acknowledges();
    assert.equal(inflight(), 0);
    assert.equal(seen(get(device, 2)), '2.05 2:2/0/128', 'it is there still');
  });

  test('no more than max_notify_queue of them wait: the oldest is dropped and counted', () => {
    const { coap, device, publish } = observing({ config: { max_notify_queue: 2, max_inflight: 0 } });
    publish(BIG);
    for (const payload of ['2', '3', '4']) publish(payload);
    assert.equal(coap.count('notify.dropped.queue_full'), 1);
    device.acknowledges();
    device.take();
    get(device, 2);
    coap.wait(20);
    assert.deepEqual(device.drain(), ['3', '4']);
  });

  test('a newer one of another observer in its place ends it', () => {
    const { coap, device, publish } = observing();
    publish(BIG);
    device.acknowledges();
    device.observe(URI, '02');
    publish(bytes(300, 5));
    device.take();
    assert.equal(coap.count('notify.dropped.unfetched'), 1);
    assert.deepEqual(get(device, 2).payload, bytes(300, 5).subarray(256));
  });

  test('whatever ends it after the last block was asked for, it is delivered', () => {
    const ends: readonly ((observed: ReturnType<typeof observing>) => void)[] = [
      ({ device }) => device.unobserve(URI),
      ({ device, publish }) => {
        device.observe(URI, '02');
        publish(bytes(300, 5));
      },
    ];
    for (const end of ends) {
      const observed = observing();
      const { coap, device, publish } = observed;
      publish(BIG);
      device.acknowledges();
      get(device, 2);
      end(observed);
      for (const reason of ['cancelled', 'unfetched']) {
        assert.equal(coap.count(`notify.dropped.${reason}`), 0, reason);
      }
    }
  });

  test('two observations of a peer fetch it once', () => {
    const { coap, device, publish, inflight } = observing();
    device.observe(URI, '02');
    device.take();
    publish(BIG);
    device.acknowledges();
    device.acknowledges();
    get(device, 2);
    coap.wait(20);
    assert.equal(inflight(), 0);
  });

  test('what is rejected, never acknowledged, or of an observation that ends is dropped and counted once', () => {
    const ends: readonly [string, (device: Device, coap: CoapTest) => void][] = [
      ['reset', (device) => device.rejects()],
      ['timeout', (_, coap) => coap.wait(120_000)],
      ['closed', (device) => device.closes()],
      [
        'cancelled',
        (device) => {
          device.acknowledges();
          device.unobserve(URI);
        },
      ],
    ];
    for (const [reason, end] of ends) {
      const { coap, device, publish } = observing();
      publish(BIG);
      end(device, coap);
      coap.wait(60_000);
      assert.equal(coap.count(`notify.dropped.${reason}`), 1, reason);
      assert.equal(coap.count('notify.dropped.unfetched'), 0, reason);
      assert.equal(coap.hub.engine.sessions.get('dev1')?.statistics.inflight ?? 0, 0, reason);
    }
  });

  test('it follows its observer to another address', () => {
    const { coap, device, publish } = observing();
    publish(BIG);
    device.take();
    const moved = coap.device();
    coap.wait(1000);
    moved.get(URI);
    moved.take();
    coap.wait(62_000);
    assert.equal(seen(one(moved)), '2.05 2:0/1/128');
    moved.acknowledges();
    assert.equal(seen(get(moved, 2)), '2.05 2:2/0/128');
  });
});

suite('non-confirmable notifications in blocks', () => {
  test('the first block is sent once, the others are asked for', () => {
    const { coap, device, publish, inflight } = observing({ config: { notify_type: 'non' } });
    publish(BIG);
    publish('next');
    const first = one(device);
    assert.equal(first.type, MessageType.NON);
    assert.equal(seen(first), '2.05 2:0/1/128');
    get(device, 1);
    get(device, 2);
    coap.wait(20);
    assert.equal(one(device).payload.toString(), 'next');
    assert.equal(inflight(), 0);
    assert.equal(coap.count('notify.sent'), 2);
  });
});

suite('what is kept for observers is bounded', () => {
  test('in time', () => {
    const { coap, device, publish } = observing({ config: { transfer_timeout: '30s' } });
    publish(BIG);
    device.acknowledges();
    device.take();
    coap.wait(30_010);
    assert.equal(coap.count('bodies.dropped.timeout'), 1);
    assert.equal(seen(get(device, 1)), '4.00');
  });

  test('in bytes for all peers: the oldest is dropped', () => {
    const { coap, device, publish } = observing({
      config: { max_transfers_size: '4KB', max_payload_size: '2KB' },
    });
    publish(bytes(2000));
    device.acknowledges();
    const other = coap.device();
    other.observe('mqtt/b?c=dev2');
    coap.publish('b', 'x'.repeat(2000));
    assert.equal(coap.count('bodies.dropped.total_limit'), 1);
    assert.equal(coap.count('notify.dropped.unfetched'), 1);
  });

  test('in number for each peer', () => {
    const { coap, device } = observing({ config: { max_transfers: 1 } });
    device.observe('mqtt/b?c=dev1', '02');
    coap.publish('a', 'x'.repeat(200));
    device.acknowledges();
    coap.publish('b', 'x'.repeat(200));
    assert.equal(coap.count('bodies.dropped.peer_limit'), 1);
  });

  test('what was fetched in full is no loss when it goes', () => {
    const { coap, device, publish } = observing();
    publish(BIG);
    device.acknowledges();
    get(device, 2);
    coap.wait(300_000);
    assert.equal(coap.count('bodies.dropped.timeout'), 0);
  });
});

test('property: whatever is lost and repeated, an observer that asks gets every message whole and in order', () => {
  const size = fc.constantFrom(16, 64, 128);
  const lengths = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 });
  // Fewer than a notification is sent in rounds of two seconds.
  const losses = fc.array(fc.boolean(), { maxLength: 7 });
  fc.assert(
    fc.property(lengths, size, losses, (list, wanted, lost) => {
      const { coap, device, publish } = observing({
        size: wanted,
        config: { ack_timeout: '100ms', max_retransmit: 10 },
      });
      const sent = list.map((length, seed) => bytes(length, seed));
      for (const payload of sent) publish(payload);
      const got: Buffer[] = [];
      const losing = lost.values();
      for (let round = 0; round < 200 && got.length < sent.length; round++) {
        const notification = device.take().find(({ type }) => type === MessageType.CON);
        if (notification === undefined || losing.next().value === true) {
          coap.wait(2000);
          continue;
        }
        got.push(fetchRest(coap, device, notification, wanted));
      }
      assert.deepEqual(got, sent);
    }),
    { numRuns: 100 },
  );
});

/** Fetches what follows the first block, each block twice as if the first answer had been lost; then acknowledges. */
function fetchRest(coap: CoapTest, device: Device, notification: CoapMessage, size: number): Buffer {
  const parts = [notification.payload];
  for (let more = seen(notification).includes('/1/'); more; ) {
    get(device, parts.length, size);
    coap.wait(500);
    const answer = get(device, parts.length, size);
    assert.equal(codeText(answer.code), '2.05');
    parts.push(answer.payload);
    more = seen(answer).includes('/1/');
  }
  device.sends({
    ...notification,
    type: MessageType.ACK,
    code: 0,
    token: Buffer.alloc(0),
    options: [],
    payload: Buffer.alloc(0),
  });
  return Buffer.concat(parts);
}
