import assert from 'node:assert/strict';
import { describe, encode, type PlainMessage, type SnMessage } from '@portico/codec-mqtt-sn';
import type { Channel, ConnectionInfo, Gateway, MaybePromise, QoS } from '@portico/core';
import { type RecordingPeer, type TestClient, TestHub, type TestHubOptions } from '@portico/core/testing';
import { BufferSink } from '@portico/frame';
import { snCodec } from './codec.js';
import { snConfig } from './config.js';
import { mqttSnGateway } from './gateway.js';

/** A hub with the MQTT-SN gateway, and devices without sockets. */
export class SnTest {
  readonly hub: TestHub;
  readonly gateway: Gateway<SnMessage, SnMessage>;
  /** Publishes, and is subscribed to what a test says. */
  readonly app: TestClient;
  #port = 50_000;

  constructor(config: Record<string, unknown> = {}, options: TestHubOptions = {}) {
    this.hub = new TestHub(options);
    this.gateway = mqttSnGateway.create(this.hub.context('mqttsn'), snConfig.parse(config));
    this.app = this.hub.client('application');
  }

  /** A device at an address of its own. */
  device(connection: Partial<ConnectionInfo> = {}): Device {
    const peer = { host: '192.0.2.7', port: this.#port++ };
    return new Device(this, { peer, ...connection });
  }

  /** A device that has connected, and has been told so. */
  async connected(clientId: string, fields: ConnectFields = {}): Promise<Device> {
    const device = this.device();
    await device.connects(clientId, fields);
    assert.deepEqual(device.look(), ['CONNACK accepted']);
    return device;
  }

  /** The hub is told to stop. */
  stop(): void {
    this.gateway.stop?.();
    this.hub.engine.stop();
  }

  /** Moves time on. */
  wait(milliseconds: number): void {
    this.hub.clock.advance(milliseconds);
  }

  publish(topic: string, payload: string, qos: QoS = 1, retain = false): void {
    this.app.publish(topic, payload, qos, retain);
  }

  /** The counter `mqttsn.<name>`. */
  count(name: string): number {
    return this.hub.metrics.get(`mqttsn.${name}`);
  }

  /** The gauge `mqttsn.<name>`. */
  gauge(name: string): number {
    return this.hub.metrics.gauge(`mqttsn.${name}`, '').value;
  }

  /** Client ids of devices that have a session, in order. */
  get clients(): string[] {
    return [...this.hub.engine.sessions.keys()].filter((clientId) => clientId !== 'application').sort();
  }
}

export interface ConnectFields {
  readonly cleanSession?: boolean;
  readonly duration?: number;
  readonly will?: boolean;
  readonly protocolId?: number;
}

/** One address. Its datagrams are overwritten as soon as the gateway has had them. */
export class Device {
  readonly peer: RecordingPeer<SnMessage>;
  readonly channel: Channel<SnMessage>;
  readonly #connection: Partial<ConnectionInfo>;
  readonly #test: SnTest;
  #received = 0;

  constructor(test: SnTest, connection: Partial<ConnectionInfo>) {
    this.#test = test;
    this.#connection = connection;
    this.peer = test.hub.peer<SnMessage>('mqttsn', { transport: 'udp', ...connection });
    this.channel = test.gateway.createChannel(this.peer);
    this.peer.attach(this.channel);
  }

  /** The same address, after the listener has forgotten it for its silence. */
  forgotten(): Device {
    this.peer.end('idle_timeout');
    this.channel.onClose('idle_timeout');
    return new Device(this.#test, this.#connection);
  }

  /** The same host, another port. */
  rebound(): Device {
    return this.#test.device();
  }

  /** A datagram arrives, in hexadecimal. */
  receives(hex: string): MaybePromise<void> {
    const datagram = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    this.#received += datagram.length;
    this.peer.received();
    const pending = this.channel.onFrame(snCodec.decode(datagram));
    datagram.fill(0xee);
    return pending;
  }

  sends(message: SnMessage): MaybePromise<void> {
    return this.receives(bytesOf(message).toString('hex'));
  }

  connects(clientId: string, fields: ConnectFields = {}): MaybePromise<void> {
    const defaults = { cleanSession: true, duration: 60, will: false, protocolId: 1 };
    return this.sends({ type: 'connect', ...defaults, ...fields, clientId });
  }

  registers(topicName: string, msgId = 1): MaybePromise<void> {
    return this.sends({ type: 'register', topicId: 0, msgId, topicName });
  }

  /** Subscribes and makes sure that it may. */
  async subscribes(topicName: string, qos: QoS = 1): Promise<void> {
    const topicIdType = topicName.length === 2 ? 2 : 0;
    await this.sends({ type: 'subscribe', dup: false, qos, msgId: 9, topicIdType, topicName });
    assert.match(this.look().join(), /^SUBACK .*accepted/);
  }

  sleeps(duration: number): MaybePromise<void> {
    return this.sends({ type: 'disconnect', duration });
  }

  pings(clientId = ''): MaybePromise<void> {
    return this.sends({ type: 'pingreq', clientId });
  }

  /** What was sent to the device since the last look, a line for each message. */
  look(): string[] {
    return this.peer.take().map(line);
  }

  take(): SnMessage[] {
    return this.peer.take();
  }

  /** Looks, answering everything as a device does that wants all messages, until nothing more comes. */
  drain(): string[] {
    const lines: string[] = [];
    for (let messages = this.take(); messages.length > 0; messages = this.take()) {
      for (const message of messages) {
        lines.push(line(message));
        const answer = answerTo(message);
        if (answer !== undefined) this.sends(answer);
      }
    }
    return lines;
  }

  /** Octets that came from the device. */
  get received(): number {
    return this.#received;
  }
}

export function bytesOf(message: SnMessage): Buffer {
  const sink = new BufferSink();
  encode(message, sink);
  return Buffer.from(sink.take());
}

function answerTo(message: SnMessage): PlainMessage | undefined {
  switch (message.type) {
    case 'register': {
      const { topicId, msgId } = message;
      return { type: 'regack', topicId, msgId, returnCode: 0 };
    }
    case 'publish': {
      const { topicId, msgId, qos } = message;
      if (qos === 2) return { type: 'pubrec', msgId };
      return qos === 1 ? { type: 'puback', topicId, msgId, returnCode: 0 } : undefined;
    }
    case 'pubrel':
      return { type: 'pubcomp', msgId: message.msgId };
    default:
      return undefined;
  }
}

/** With the text of a payload, and without a MsgId that the gateway has chosen. */
function line(message: SnMessage): string {
  if (message.type === 'publish') {
    const { dup, qos, retain, topicIdType, topicId, data } = message;
    const flags = `${dup ? ' dup' : ''}${retain ? ' retain' : ''}`;
    return `PUBLISH q${qos}${flags} ${['id', 'predefined', 'short'][topicIdType]} ${topicId} ${data}`;
  }
  if (message.type === 'register') return `REGISTER ${message.topicId} ${message.topicName}`;
  if (message.type === 'pubrel') return 'PUBREL';
  return describe(message);
}
