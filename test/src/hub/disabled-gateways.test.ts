import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { MessageType, Method, OptionNumber, ResponseCode, stringsOf, uintOption } from '@portico/codec-coap';
import { Message, systemClock } from '@portico/core';
import mqtt from 'mqtt';
import { nextCoap, sendCoap, uriOptions } from '../support/coap-socket.js';
import { eventually } from '../support/eventually.js';
import { ManagedHub } from '../support/managed-hub.js';
import { RawClient } from '../support/raw-client.js';
import { nextDatagram, openUdp } from '../support/udp-socket.js';

/**
 * A gateway is disabled and enabled: its clients are told goodbye in the words of their protocol, what is published for them
 * meanwhile waits where it waits for clients that are away, and they go on.
 */

/** A hub with one gateway beside MQTT, whose port stays the same. */
class Place {
  readonly hub: ManagedHub;
  readonly port: number;
  readonly #gateway: string;

  private constructor(hub: ManagedHub, gateway: string, port: number) {
    this.hub = hub;
    this.#gateway = gateway;
    this.port = port;
  }

  /** @param keys of the gateway, as YAML */
  static async open(gateway: string, type: 'tcp' | 'udp', keys = ''): Promise<Place> {
    const listener = (kind: string) => `listeners: { ${kind}: { default: { bind: 127.0.0.1:0 } } }`;
    const hub = await ManagedHub.start(
      `gateways:\n  mqtt: { ${listener('tcp')} }\n  ${gateway}: { ${keys}${listener(type)} }\n`,
    );
    const port = hub.port(`${gateway}:${type}:default`);
    const path = ['gateways', gateway, 'listeners', type, 'default', 'bind'];
    await hub.modules.change([{ path, value: `127.0.0.1:${port}` }]);
    return new Place(hub, gateway, port);
  }

  disable(): Promise<unknown> {
    return this.hub.modules.enable(this.hub.module(this.#gateway), false);
  }

  enable(): Promise<unknown> {
    return this.hub.modules.enable(this.hub.module(this.#gateway), true);
  }

  publish(topic: string, payload: string): void {
    const timestamp = systemClock.now();
    const message = { topic, payload: Buffer.from(payload), qos: 1, retain: false, timestamp } as const;
    this.hub.hub.engine.publish(new Message(message));
  }

  client(): Promise<RawClient> {
    return RawClient.connect(this.port);
  }

  /** Why connections of the gateway's listener have ended. */
  endings(listener: string) {
    return this.hub.listener(listener).status.endings;
  }
}

/** Waits until a text, or the bytes of one, has come to a client. */
function got(client: RawClient, text: string, encoding: 'latin1' | 'hex' = 'latin1'): Promise<void> {
  return eventually(`${text} comes`, () => client.received.toString(encoding).includes(text));
}

test('MQTT-SN: who is awake gets DISCONNECT; who sleeps sleeps on, and wakes to what waited', async (t) => {
  const place = await Place.open('mqttsn', 'udp');
  const [awake, asleep] = [await openUdp(place.port), await openUdp(place.port)];
  t.after(() => awake.close());
  t.after(() => asleep.close());
  const ask = async (device: typeof awake, bytes: string) => {
    const answer = nextDatagram(device);
    device.send(Buffer.from(bytes.replaceAll(' ', ''), 'hex'));
    return (await answer).toString('hex');
  };
  /** CONNECT without clean session, for 60 seconds. */
  const connect = (device: typeof awake, id: string) =>
    ask(device, `0a 04 00 01 003c ${Buffer.from(id).toString('hex')}`);
  /** SUBSCRIBE with QoS 1 to the short topic `on`. */
  const subscribe = '07 12 22 0001 6f6e';
  assert.equal(await connect(awake, 'lamp'), '030500');
  assert.equal(await connect(asleep, 'door'), '030500');
  assert.match(await ask(awake, subscribe), /^0813/);
  assert.match(await ask(asleep, subscribe), /^0813/);
  assert.equal(await ask(asleep, '04 18 0e10'), '0218');

  const farewell = nextDatagram(awake);
  await place.disable();
  assert.equal((await farewell).toString('hex'), '0218');
  place.publish('on', '1');
  await place.enable();

  assert.equal(await ask(asleep, `06 16 ${Buffer.from('door').toString('hex')}`), '080c226f6e000131');
  assert.equal(await ask(asleep, '07 0d 6f6e 0001 00'), '0217');
  const published = new Promise<Buffer>((resolve) => {
    awake.on('message', (datagram) => datagram[1] === 0x0c && resolve(datagram));
  });
  assert.equal(await connect(awake, 'lamp'), '030500');
  assert.equal((await published).subarray(7).toString(), '1');
});

test('CoAP: observers are told 5.03, and observe again', async (t) => {
  const place = await Place.open('coap', 'udp');
  const device = await openUdp(place.port);
  t.after(() => device.close());
  const observe = async (messageId: number) => {
    const options = [uintOption(OptionNumber.Observe, 0), ...uriOptions(['mqtt', 'a'], ['c=dev1'])];
    sendCoap(device, { code: Method.GET, messageId, token: Buffer.from([messageId]), options });
    assert.equal((await nextCoap(device)).code, ResponseCode.Content);
  };
  await observe(1);
  const farewell = nextCoap(device);
  await place.disable();
  const { code, token, payload } = await farewell;
  assert.deepEqual(
    [code, token[0], String(payload)],
    [ResponseCode.ServiceUnavailable, 1, 'server shutdown'],
  );
  await place.enable();
  await observe(2);
  const notification = nextCoap(device);
  place.publish('a', 'on');
  assert.deepEqual([(await notification).token[0], String((await notification).payload)], [2, 'on']);
});

test('LwM2M: registrations stay, and commands wait', async (t) => {
  const place = await Place.open('lwm2m', 'udp');
  const device = await openUdp(place.port);
  t.after(() => device.close());
  const queries = ['ep=dev1', 'lt=600', 'lwm2m=1.1', 'b=U'];
  const objects = Buffer.from('</1/0>,</3/0>');
  sendCoap(device, { code: Method.POST, options: uriOptions(['rd'], queries), payload: objects });
  const registered = await nextCoap(device);
  assert.equal(registered.code, ResponseCode.Created);

  await place.disable();
  place.publish('lwm2m/dev1/dn/x', '{"reqID":1,"msgType":"read","data":{"path":"/3/0/9"}}');
  const waiting = nextCoap(device);
  await place.enable();
  const request = await waiting;
  assert.deepEqual([request.code, stringsOf(request, OptionNumber.UriPath)], [Method.GET, ['3', '0', '9']]);
  const { messageId, token } = request;
  const payload = Buffer.from('42');
  sendCoap(device, { type: MessageType.ACK, code: ResponseCode.Content, messageId, token, payload });
  const location = stringsOf(registered, OptionNumber.LocationPath);
  sendCoap(device, { code: Method.POST, messageId: 2, options: uriOptions(location) });
  assert.equal((await nextCoap(device)).code, ResponseCode.Changed);
});

test('STOMP: clients get ERROR, and a durable subscription what was published meanwhile', async () => {
  const place = await Place.open('stomp', 'tcp');
  const open = async () => {
    const client = await place.client();
    const frames = [
      'CONNECT\naccept-version:1.2\nhost:/\nclient-id:c\n\n',
      'SUBSCRIBE\nid:0\ndestination:a\nack:client\ndurable:true\nreceipt:s\n\n',
    ];
    client.send(Buffer.from(frames.map((frame) => `${frame}\0`).join('')));
    await got(client, 'receipt-id:s');
    return client;
  };
  const before = await open();
  await place.disable();
  const farewell = (await before.expectClose()).toString();
  assert.match(farewell, /ERROR\nmessage:The server is shutting down\n/);
  place.publish('a', 'meanwhile');
  await place.enable();
  const after = await open();
  await got(after, 'destination:a\nsubscription:0\nack:1\ncontent-length:9\n\nmeanwhile\0');
  assert.deepEqual(place.endings('stomp:tcp:default'), { server_shutdown: 1 });
  after.destroy();
});

test('TCP: connections close, and what was published meanwhile comes after the next login', async () => {
  const place = await Place.open('tcp', 'tcp', 'session_expiry_interval: 1h, ');
  const login = async () => {
    const client = await place.client();
    client.send('11 0007 00 0004 61626364');
    await got(client, 'Connect Successfully');
    return client;
  };
  const before = await login();
  await place.disable();
  await before.expectClose();
  place.publish('tcp/abcd/dn', 'on');
  await place.enable();
  const after = await login();
  await got(after, '\x30\x00\x02on');
  assert.deepEqual(place.endings('tcp:tcp:default'), { server_shutdown: 1 });
  after.destroy();
});

test('JT/T 808: connections close, and a command comes when the terminal has authenticated again', async () => {
  const place = await Place.open('jt808', 'tcp', 'session_expiry_interval: 1h, ');
  const authenticate = async () => {
    const terminal = await place.client();
    terminal.send('7e 0102 0003 013912345678 0000 616263 50 7e');
    await got(terminal, '0000010200', 'hex');
    return terminal;
  };
  const before = await authenticate();
  await place.disable();
  await before.expectClose();
  place.publish('jt808/013912345678/dn', '{"header":{"msg_id":33028}}');
  await place.enable();
  const after = await authenticate();
  await got(after, '7e81040000013912345678', 'hex');
  assert.ok(after.received.indexOf('8001', 'hex') < after.received.indexOf('8104', 'hex'));
  assert.deepEqual(place.endings('jt808:tcp:default'), { server_shutdown: 1 });
  after.destroy();
});

test('GB/T 32960: connections close, what was not answered is told, and a vehicle that logs in gets commands', async () => {
  const place = await Place.open('gbt32960', 'tcp');
  const vin = '1G1BL52P7TR115520';
  const time = '1a0101080000';
  const iccid = Buffer.from('12345678901234567890').toString('hex');
  const login = async () => {
    const vehicle = await place.client();
    const hexVin = Buffer.from(vin).toString('hex');
    vehicle.send(`2323 01 fe ${hexVin} 01 001f ${time} 0001 ${iccid} 01 01 43 9c`);
    await got(vehicle, `23230101${hexVin}`, 'hex');
    return vehicle;
  };
  const application = await mqtt.connectAsync(`mqtt://127.0.0.1:${place.hub.port('mqtt:tcp:default')}`);
  await application.subscribeAsync('gbt32960/+/upstream/response');
  const told = once(application as unknown as NodeJS.EventEmitter, 'message') as Promise<[string, Buffer]>;
  const command = JSON.stringify({ Action: 'Query', Total: 1, Ids: ['0x01'] });

  const before = await login();
  place.publish(`gbt32960/${vin}/dnstream`, command);
  await got(before, '232380fe', 'hex');
  await place.disable();
  await before.expectClose();
  assert.equal(JSON.parse(String((await told)[1])).Error.Code, 'disconnected');
  await place.enable();
  const after = await login();
  place.publish(`gbt32960/${vin}/dnstream`, command);
  await got(after, '232380fe', 'hex');
  assert.deepEqual(place.endings('gbt32960:tcp:default'), { server_shutdown: 1 });
  after.destroy();
  await application.endAsync();
});
