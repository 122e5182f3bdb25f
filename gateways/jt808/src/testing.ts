import assert from 'node:assert/strict';
import { decodeBody, encodeMessage, idText, type Jt808Frame } from '@portico/codec-jt808';
import type { Channel, ConnectionInfo } from '@portico/core';
import { type RecordingPeer, type TestClient, TestHub, type TestHubOptions } from '@portico/core/testing';
import { BufferSink } from '@portico/frame';
import { type Incoming, Jt808Codec, type Outgoing } from './codec.js';
import { jt808Config } from './config.js';
import { jt808Gateway } from './gateway.js';

export const PHONE = '013912345678';

/** The general response to the message with that serial number. */
export function confirmed(seq: number, id: number, result = 0): string {
  return `0x8001 ${JSON.stringify({ seq, id, result })}`;
}

/** The body of a registration (0x0100). */
export const REGISTRATION = {
  province: 31,
  city: 115,
  manufacturer: '12345',
  model: 'M1',
  dev_id: 'T000001',
  color: 2,
  license_number: '沪A12345',
};

/** What applications get: a message of a terminal, or what became of a command. */
export interface Heard {
  readonly header: Record<string, unknown>;
  readonly body: Record<string, unknown>;
  readonly errors?: readonly unknown[];
  readonly error?: string;
  readonly reason?: string;
}

/** A gateway on a hub of its own, and an application that hears everything that its terminals send. */
export class Site {
  readonly hub: TestHub;
  readonly application: TestClient;
  readonly #gateway: ReturnType<typeof jt808Gateway.create>;

  private constructor(config: Record<string, unknown>, options: TestHubOptions) {
    this.hub = new TestHub(options);
    this.#gateway = jt808Gateway.create(this.hub.context('jt808'), jt808Config.parse(config));
    // Whatever the policy says of terminals.
    this.hub.access.addAuthenticator({
      name: 'application',
      authenticate: ({ clientId }) => ({ answer: clientId === 'application' ? 'allow' : 'ignore' }),
    });
    this.application = this.hub.client('application');
    this.application.subscribe('jt808/+/up/#', { qos: 1 });
  }

  static async open(config: Record<string, unknown> = {}, options: TestHubOptions = {}): Promise<Site> {
    const site = new Site(config, options);
    await site.#gateway.prepare?.([], []);
    return site;
  }

  /** Files are read anew. */
  async reload(): Promise<void> {
    await this.#gateway.reload?.();
  }

  /** A terminal that has connected and said nothing. */
  terminal(connection: Partial<ConnectionInfo> = {}): TestTerminal {
    const peer = this.hub.peer<Outgoing>('jt808', connection);
    const channel = this.#gateway.createChannel(peer);
    peer.attach(channel);
    return new TestTerminal(peer, channel);
  }

  /** A terminal that is authenticated. */
  async authenticated(phone = PHONE): Promise<TestTerminal> {
    const terminal = this.terminal();
    terminal.phone = phone;
    await terminal.sends(0x0102, { code: 'abc' });
    assert.deepEqual(terminal.look(), ['0x8001 {"seq":0,"id":258,"result":0}']);
    return terminal;
  }

  /** What the terminals have sent since the last look. */
  heard(): { topic: string; message: Heard }[] {
    return this.application.received.splice(0).map(({ topic, payload }) => {
      return { topic, message: JSON.parse(payload) as Heard };
    });
  }

  /** Of what was heard, the bodies. */
  bodies(): Record<string, unknown>[] {
    return this.heard().map(({ message }) => message.body);
  }

  /** Publishes a command. */
  command(msg_id: number, body?: unknown, phone = PHONE): void {
    this.application.publish(`jt808/${phone}/dn`, JSON.stringify({ header: { msg_id }, body }), 1);
  }

  count(name: string): number {
    return this.hub.metrics.get(`jt808.${name}`);
  }
}

/** A terminal without a socket: a channel that talks to a recording peer and to a real engine. */
export class TestTerminal {
  phone = PHONE;
  /** Of the header; makes it a terminal of 2019. */
  version: number | undefined;
  readonly peer: RecordingPeer<Outgoing>;
  readonly channel: Channel<Incoming>;
  readonly #codec = new Jt808Codec({});
  #serial = 0;

  constructor(peer: RecordingPeer<Outgoing>, channel: Channel<Incoming>) {
    this.peer = peer;
    this.channel = channel;
  }

  /** Frames as this terminal would send them next. */
  frames(msg_id: number, body?: unknown, maxBodyLength = 1023): Buffer[] {
    const header = { msg_id, phone: this.phone, msg_sn: this.#serial };
    const versioned = this.version === undefined ? header : { ...header, proto_ver: this.version };
    const frames = encodeMessage({ header: versioned, body }, { maxBodyLength });
    this.#serial += frames.length;
    return frames;
  }

  async sends(msg_id: number, body?: unknown): Promise<void> {
    for (const frame of this.frames(msg_id, body)) await this.sendsBytes(frame);
  }

  async sendsBytes(bytes: Buffer): Promise<void> {
    this.peer.received();
    this.#codec.push(bytes);
    for (let frame = this.#codec.next(); frame !== undefined; frame = this.#codec.next()) {
      await this.channel.onFrame(frame);
    }
  }

  /** What the terminal was sent since the last look, decoded. */
  take(): { readonly header: Jt808Frame['header']; readonly body: unknown }[] {
    const codec = new Jt808Codec({});
    const sink = new BufferSink();
    for (const message of this.peer.take()) codec.encode(message, sink);
    codec.push(sink.take());
    const taken = [];
    for (let frame = codec.next(); frame !== undefined; frame = codec.next()) {
      assert.ok(frame.kind === 'frame');
      taken.push({ header: frame.header, body: decodeBody(frame).body });
    }
    return taken;
  }

  /** The same as text: id and body. */
  look(): string[] {
    return this.take().map(({ header, body }) => `${idText(header.msg_id)} ${JSON.stringify(body)}`);
  }

  get closed(): string | undefined {
    return this.peer.ended;
  }
}

/** A location report without additional items, but for those that are given. */
export function location(extra: Record<string, unknown> = {}) {
  return {
    alarm: 0,
    status: 3,
    latitude: 31_230_416,
    longitude: 121_473_701,
    altitude: 15,
    speed: 605,
    direction: 90,
    time: '261121163000',
    extra,
  };
}

/** A frame of 2013 with any body, from {@link PHONE}: without bytes that have to be escaped. */
export function frameOf(msg_id: number, msg_sn: number, body: Buffer): Buffer {
  const unknown = {
    header: { msg_id: 0x6fff, phone: PHONE, msg_sn },
    body: { data: body.toString('base64') },
  };
  const [frame] = encodeMessage(unknown);
  assert.ok(frame);
  frame.writeUInt16BE(msg_id, 1);
  const at = frame.length - 2;
  const check = frame.readUInt8(at) ^ 0x6f ^ 0xff ^ (msg_id >> 8) ^ (msg_id & 0xff);
  frame.writeUInt8(check, at);
  return frame;
}
