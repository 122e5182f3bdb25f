import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Device, Dice } from '@portico/coap-endpoint/testing';
import {
  blockOption,
  CoapFrameError,
  type CoapMessage,
  type CoapOption,
  encode,
  MAX_BLOCK_NUMBER,
  MessageType,
  Method,
  OptionNumber,
  stringOption,
  uintOption,
} from '@portico/codec-coap';
import { BufferSink } from '@portico/frame';
import { coapCodec } from './codec.js';
import { CoapTest } from './testing.js';

/** Block numbers of transfers that go on, that jump, and the greatest of all. */
const BLOCK_NUMBERS = [0, 0, 0, 1, 1, 2, 3, 7, MAX_BLOCK_NUMBER];
const SIZES = [16, 16, 32, 64, 1024];

/** Block options, now and then, and a payload that fits a block or does not. */
function anyBlocks(dice: Dice): { options: CoapOption[]; payload: Buffer } {
  const size = dice.pick(SIZES);
  const block = () => ({ num: dice.pick(BLOCK_NUMBERS), more: dice.roll(2) === 0, size });
  const options: CoapOption[] = [];
  if (dice.roll(2) === 0) options.push(blockOption(OptionNumber.Block2, block()));
  if (dice.roll(2) === 0) options.push(blockOption(OptionNumber.Block1, block()));
  if (dice.roll(20) === 0) options.push(uintOption(OptionNumber.Size1, dice.roll(2 ** 31)));
  if (dice.roll(4) === 0) options.push(uintOption(OptionNumber.RequestTag, dice.roll(3)));
  return {
    options,
    payload: Buffer.alloc(dice.roll(10) === 0 ? dice.roll(70) : size, dice.pick(['x', 'y'])),
  };
}

const TOPICS = ['a', 'b', 'a/b', '#', '+', '$share/g/a', '', '\0'];

/** A message that makes some sense, most of the time. */
function anyMessage(dice: Dice, replies: readonly CoapMessage[]): CoapMessage {
  const token = Buffer.of(dice.roll(3)).subarray(0, dice.roll(2));
  const last = replies.at(-1)?.messageId ?? 0;
  const type = dice.pick([
    MessageType.CON,
    MessageType.CON,
    MessageType.NON,
    MessageType.ACK,
    MessageType.RST,
  ]);
  if (type === MessageType.ACK || type === MessageType.RST || dice.roll(10) === 0) {
    return { type, code: 0, messageId: last, token: Buffer.alloc(0), options: [], payload: Buffer.alloc(0) };
  }
  const blocks =
    dice.roll(3) === 0 ? anyBlocks(dice) : { options: [], payload: Buffer.alloc(dice.roll(3), 'x') };
  const observe = dice.roll(2) === 0 ? [uintOption(OptionNumber.Observe, dice.roll(3))] : [];
  return {
    type,
    code: dice.pick([Method.GET, Method.PUT, Method.GET, Method.PUT, Method.POST, 0x45]),
    messageId: dice.roll(200),
    token,
    options: [
      ...observe,
      stringOption(OptionNumber.UriPath, dice.pick(['mqtt', 'mqtt', 'mqtt', 'ps', 'rd'])),
      stringOption(OptionNumber.UriPath, dice.pick(TOPICS)),
      stringOption(OptionNumber.UriQuery, `c=dev${dice.roll(4)}`),
      stringOption(OptionNumber.UriQuery, `u=${dice.pick(['tom', 'tom', 'tom', 'ann'])}`),
      ...blocks.options,
    ],
    payload: blocks.payload,
  };
}

function damaged(dice: Dice, message: CoapMessage): Buffer {
  const sink = new BufferSink();
  encode(message, sink);
  const datagram = sink.take();
  if (dice.roll(4) === 0) datagram[dice.roll(datagram.length)] = dice.roll(256);
  return datagram;
}

function receive(device: Device, datagram: Buffer): void {
  try {
    coapCodec.decode(datagram);
  } catch (error) {
    assert.ok(error instanceof CoapFrameError);
    device.channel.onFrameError(error);
    return;
  }
  device.receives(datagram);
}

test('whatever peers send, in whatever order, the gateway goes on and nothing piles up', () => {
  const dice = new Dice();
  const coap = new CoapTest({
    max_clients: 3,
    max_observations: 2,
    max_notify_queue: 3,
    max_exchanges: 8,
    max_block_size: 64,
    max_payload_size: '4KB',
    max_transfers: 1,
    max_transfers_size: '8KB',
  });
  let devices = Array.from({ length: 4 }, () => coap.device());
  let answers = 0;
  for (let i = 0; i < 20_000; i++) {
    const device = dice.pick(devices);
    const replies = device.take();
    answers += replies.length;
    receive(device, damaged(dice, anyMessage(dice, replies)));
    if (dice.roll(20) === 0) coap.wait(dice.roll(50_000));
    if (dice.roll(10) === 0) {
      coap.publish(dice.pick(['a', 'b', 'a/b']), 'x'.repeat(dice.pick([1, 1, 1, 100, 2000])));
    }
    if (dice.roll(500) === 0) coap.hub.engine.kick(`dev${dice.roll(4)}`);
    if (dice.roll(500) === 0) {
      device.closes();
      devices = [...devices.filter((other) => other !== device), coap.device()];
    }
    assert.ok(coap.clients.length <= 3);
    // Of each client, peer and observation one, and one for what goes in blocks either way.
    assert.ok(coap.hub.timers.size <= 3 + 4 + 3 * 2 + 2);
  }
  assert.ok(answers > 5_000);
  assert.deepEqual(coap.hub.errors, []);
  assert.ok(coap.count('observe.registered') > 100);
  assert.ok(coap.count('notify.sent') > 100);

  for (const device of devices) device.closes();
  for (const { statistics } of coap.hub.engine.sessions.values()) {
    assert.deepEqual([statistics.inflight, statistics.subscriptions], [0, 0]);
  }
  coap.wait(1_000_000);
  assert.deepEqual(coap.clients, []);
  assert.equal(coap.hub.timers.size, 0);
  const ended = ['request', 'replaced', 'refused', 'rst', 'timeout', 'closed', 'session'];
  for (const reason of ['restarted', 'closed', 'peer_limit', 'timeout']) {
    assert.ok(coap.count(`uploads.dropped.${reason}`) > 0, reason);
  }
  assert.ok(coap.count('uploads.completed') > 0);
  assert.ok(coap.count('notify.dropped.unfetched') > 0);
  assert.ok(ended.every((reason) => coap.count(`observe.cancelled.${reason}`) > 0));
});
