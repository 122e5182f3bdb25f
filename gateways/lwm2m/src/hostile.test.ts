import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dice, type Device as Peer } from '@portico/coap-endpoint/testing';
import {
  blockOption,
  type CoapMessage,
  type CoapOption,
  ContentFormat,
  encode,
  findOption,
  MessageType,
  Method,
  NO_BYTES,
  OptionNumber,
  ResponseCode,
  stringOption,
  stringsOf,
  uintOption,
} from '@portico/codec-coap';
import { isPromise, MemoryStore } from '@portico/core';
import { BufferSink, isFrameError } from '@portico/frame';
import { CommandController } from './commands/command-controller.js';
import { loadObjectModel } from './objects/load-object-model.js';
import { Lwm2mTest, OBJECTS } from './testing.js';

const LISTS = [OBJECTS, '', '</3/0>', '</3/0', '</a>;rt="oma.lwm2m",</a/1>', '<', '\u0000', '{}'];
const QUERIES = [
  'lt=60',
  'lt=1',
  'lt=86400',
  'lt=x',
  'lwm2m=1.1',
  'lwm2m=1.2',
  'lwm2m=9',
  'b=UQ',
  'Q',
  'x',
  '=',
  'ep=',
];
const COMMANDS = [
  '',
  '{',
  '[]',
  'null',
  '{"reqID":1,"msgType":"read","data":{"path":"/3/0"}}',
  '{"msgType":"observe","data":{"path":"/3/0/9"}}',
  '{"reqID":2,"msgType":"firmware","data":{"path":"/5/0","value":"AQIDBA=="}}',
  '{"msgType":"execute","data":{"path":"/3/0/4","args":9}}',
  '{"msgType":"write","data":{"path":"/3/0/14","type":"String","value":"+01"}}',
];
const FORMATS = [
  ContentFormat.TextPlain,
  ContentFormat.Lwm2mTlv,
  ContentFormat.SenmlJson,
  ContentFormat.LinkFormat,
  7,
];

/** A request that makes some sense, most of the time. @param known locations that devices have been told */
function anyRequest(dice: Dice, known: readonly string[][]): CoapMessage {
  const path =
    dice.roll(2) === 0 ? ['rd'] : dice.pick([...known, ['rd', 'nobody'], ['dp'], ['bs'], ['rd', 'a', 'b']]);
  // Of those with the same name the first counts.
  const odd = Array.from({ length: dice.roll(3) }, () => dice.pick(QUERIES));
  const queries = [...odd, `ep=dev${dice.roll(5)}`, 'lwm2m=1.1', 'lt=60'];
  const options: CoapOption[] = [
    ...path.map((segment) => stringOption(OptionNumber.UriPath, segment)),
    uintOption(
      OptionNumber.ContentFormat,
      dice.roll(9) === 0 ? dice.pick(FORMATS) : ContentFormat.LinkFormat,
    ),
    ...queries.map((query) => stringOption(OptionNumber.UriQuery, query)),
  ];
  if (dice.roll(6) === 0)
    options.push(blockOption(OptionNumber.Block1, { num: dice.roll(3), more: dice.roll(2) === 0, size: 16 }));
  return {
    type: dice.pick([MessageType.CON, MessageType.CON, MessageType.NON]),
    code: dice.pick([Method.POST, Method.POST, Method.POST, Method.DELETE, Method.GET, Method.PUT]),
    messageId: dice.roll(500),
    token: Buffer.of(dice.roll(3)),
    options: options.toSorted((a, b) => a.number - b.number),
    payload: Buffer.from(dice.pick(LISTS)),
  };
}

/** What a device may say to a request of the hub, or unasked. */
function anyResponse(dice: Dice, { messageId, token }: CoapMessage): CoapMessage {
  const type = dice.pick([
    MessageType.ACK,
    MessageType.ACK,
    MessageType.RST,
    MessageType.CON,
    MessageType.NON,
  ]);
  const empty = type === MessageType.RST || dice.roll(5) === 0;
  const options: CoapOption[] = [];
  if (dice.roll(2) === 0) options.push(uintOption(OptionNumber.Observe, dice.roll(9)));
  if (dice.roll(2) === 0) options.push(uintOption(OptionNumber.ContentFormat, dice.pick(FORMATS)));
  if (dice.roll(5) === 0)
    options.push(blockOption(OptionNumber.Block2, { num: dice.roll(2), more: dice.roll(2) === 0, size: 16 }));
  return {
    type,
    code: empty
      ? 0
      : dice.pick([ResponseCode.Content, ResponseCode.Changed, ResponseCode.NotFound, ResponseCode.Continue]),
    messageId: dice.roll(9) === 0 ? dice.roll(65_536) : messageId,
    token: empty ? NO_BYTES : token,
    options: empty ? [] : options,
    payload: empty
      ? NO_BYTES
      : Buffer.from(dice.pick(['42', '', '\xc8\x00\x01', '[{"n":"/3/0/9","v":1}]', '</3/0>,<'])),
  };
}

async function plays(dice: Dice, peer: Peer, message: CoapMessage): Promise<void> {
  const sink = new BufferSink();
  encode(message, sink);
  const datagram = sink.take();
  if (dice.roll(4) === 0) datagram[dice.roll(datagram.length)] = dice.roll(256);
  try {
    const pending = peer.receives(datagram);
    if (isPromise(pending)) await pending;
  } catch (error) {
    if (!isFrameError(error)) throw error;
    peer.channel.onFrameError(error);
  }
}

/** Devices, applications and time do as they like, for so many steps. */
async function anything(it: Lwm2mTest, dice: Dice, steps: number): Promise<void> {
  const peers = Array.from({ length: 4 }, () => it.peer());
  const locations: string[][] = [];
  const requests: CoapMessage[] = [];
  for (let step = 0; step < steps; step++) {
    const peer = dice.pick(peers);
    const request = requests.at(-1 - dice.roll(3));
    if (request !== undefined && dice.roll(2) === 0) await plays(dice, peer, anyResponse(dice, request));
    else await plays(dice, peer, anyRequest(dice, locations));
    if (dice.roll(3) === 0) it.command(`dev${dice.roll(5)}`, dice.pick(COMMANDS));
    if (dice.roll(10) === 0) it.wait(dice.pick([10, 2_000, 30_000, 90_000]));
    if (dice.roll(50) === 0) it.hub.engine.kick(`dev${dice.roll(5)}`);
    for (const one of peers) {
      for (const sent of one.take()) {
        if (findOption(sent, OptionNumber.LocationPath))
          locations.push(stringsOf(sent, OptionNumber.LocationPath));
        else if (sent.type === MessageType.CON && sent.code !== 0) requests.push(sent);
      }
    }
    locations.splice(0, locations.length - 10);
    requests.splice(0, requests.length - 10);
    it.app.take();
  }
}

for (const lives of [1, 3]) {
  test(`whatever devices and applications send, nothing throws and nothing is left, over ${lives} lives of the hub`, async () => {
    const dice = new Dice();
    const store = new MemoryStore({ durable: true });
    let last: Lwm2mTest | undefined;
    for (let life = 0; life < lives; life++) {
      const clock = last?.hub.clock;
      const controller = (
        context: ConstructorParameters<typeof CommandController>[0],
        config: ConstructorParameters<typeof CommandController>[1],
        firmware: ConstructorParameters<typeof CommandController>[3],
      ) => new CommandController(context, config, loadObjectModel(undefined, context.log), firmware);
      last = new Lwm2mTest({}, { store, ...(clock && { clock }), controller });
      await last.start();
      await anything(last, dice, 2000);
      assert.deepEqual(last.hub.errors, []);
    }
    assert.ok(last);
    assert.ok(last.count('registrations.registered') > 50);
    // The longest lifetime, and a quarter more.
    last.wait(110_000_000);
    await last.hub.nextTurn();
    assert.deepEqual([last.devices, last.hub.errors], [[], []]);
    assert.equal(last.hub.metrics.gauge('lwm2m.devices', '').value, 0);
    assert.deepEqual([...last.hub.context('lwm2m').storage.keys()], []);
  });
}
