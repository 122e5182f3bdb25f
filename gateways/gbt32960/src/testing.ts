import assert from 'node:assert/strict';
import {
  Command,
  decodeData,
  encodeMessage,
  type FrameFields,
  Gbt32960Decoder,
  ResponseFlag,
} from '@portico/codec-gbt32960';
import type { Channel, ConnectionInfo } from '@portico/core';
import type { RecordingPeer, TestClient, TestHub } from '@portico/core/testing';
import { Gbt32960Codec, type Received } from './codec.js';
import { gbt32960Config } from './config.js';
import { gbt32960Gateway } from './gateway.js';

export const VIN = '1G1BL52P7TR115520';
/** The time of the hub's clock in tests, 2026-01-01 00:00 UTC, as a terminal writes it. */
export const TIME = { Year: 26, Month: 1, Day: 1, Hour: 8, Minute: 0, Second: 0 };
const TIME_HEX = '1a0101080000';

/** What a terminal says, as it stands in JSON. */
export type Message = Partial<Parameters<typeof encodeMessage>[0]> & {
  readonly command: number;
  readonly data?: unknown;
};

/** The data of a login. */
export function loginData(seq = 1): Record<string, unknown> {
  return { Time: TIME, Seq: seq, ICCID: '12345678901234567890', Num: 1, Length: 1, Id: 'C' };
}

/** A terminal, or platform, without a socket: a channel that talks to a recording peer and to a real engine. */
export class Terminal {
  readonly peer: RecordingPeer<FrameFields>;
  readonly channel: Channel<Received>;
  readonly #codec = new Gbt32960Codec();

  constructor(hub: TestHub, config: Record<string, unknown> = {}, connection: Partial<ConnectionInfo> = {}) {
    this.peer = hub.peer<FrameFields>('gbt32960', connection);
    const gateway = gbt32960Gateway.create(hub.context('gbt32960'), gbt32960Config.parse(config));
    this.channel = gateway.createChannel(this.peer);
    this.peer.attach(this.channel);
  }

  /** Sends bytes as they are. */
  async sendsBytes(bytes: Buffer): Promise<void> {
    this.peer.received();
    this.#codec.push(bytes);
    for (let frame = this.#codec.next(); frame !== undefined; frame = this.#codec.next()) {
      await this.channel.onFrame(frame);
    }
  }

  /** Sends a message of {@link VIN} unless it tells otherwise. */
  sends(message: Message): Promise<void> {
    return this.sendsBytes(encodeMessage({ vin: VIN, data: {}, ...message }));
  }

  async logsIn(seq = 1, vin = VIN): Promise<void> {
    await this.sends({ command: Command.VehicleLogin, vin, data: loginData(seq) });
  }

  /** Answers a command with data in hexadecimal behind the time. */
  answers(command: number, data: Record<string, unknown> = {}, response: number = ResponseFlag.Success) {
    return this.sends({ command, response, data: { Time: TIME, ...data } });
  }

  /** Answers to its messages since the last look: `2=1` for a report that was taken; with their VIN if that is another. */
  look(): string[] {
    return this.peer.take().map(({ command, response, vin, data }) => {
      assert.ok(data.length === 0 || data.toString('hex') === TIME_HEX, data.toString('hex'));
      return `${command}=${response}${vin === VIN ? '' : ` ${vin}`}`;
    });
  }

  /** Commands to it since the last look, with their data. */
  commands(): { readonly command: number; readonly vin: string; readonly data: unknown }[] {
    return this.peer.take().map((fields) => {
      const codec = new Gbt32960Decoder();
      const sink = { buffer: Buffer.alloc(65_536), reserve: () => 0 };
      this.#codec.encode(fields, sink);
      codec.push(sink.buffer);
      const frame = codec.next();
      assert.ok(frame?.kind === 'frame' && frame.response === ResponseFlag.Command);
      return { command: frame.command, vin: frame.vin, data: decodeData(frame).data };
    });
  }

  get closed(): string | undefined {
    return this.peer.ended;
  }
}

/** A vehicle that has logged in. */
export async function loggedIn(hub: TestHub, config: Record<string, unknown> = {}): Promise<Terminal> {
  const terminal = new Terminal(hub, config);
  await terminal.logsIn();
  assert.deepEqual(terminal.look(), ['1=1']);
  return terminal;
}

/** A platform that has logged in. */
export async function platform(hub: TestHub, config: Record<string, unknown> = {}): Promise<Terminal> {
  const terminal = new Terminal(hub, config);
  const data = { Time: TIME, Seq: 1, Username: 'fleet', Password: 'secret', Encrypt: 1 };
  await terminal.sends({ command: Command.PlatformLogin, vin: 'PLATFORM-1', data });
  assert.deepEqual(terminal.look(), [`5=1 ${'PLATFORM-1'.padEnd(17, '\0')}`]);
  return terminal;
}

/** An application that is subscribed to everything of vehicles. */
export function application(hub: TestHub): Application {
  const client = hub.client('application');
  client.subscribe('gbt32960/+/upstream/+', { qos: 1 });
  return new Application(client);
}

/** Sees what vehicles say, and tells them what to do. */
export class Application {
  readonly #client: TestClient;

  constructor(client: TestClient) {
    this.#client = client;
  }

  /** What came since the last look: topics below `gbt32960/` with their JSON. */
  look(): (readonly [topic: string, json: Record<string, unknown>])[] {
    return this.#client.received
      .splice(0)
      .map(({ topic, payload }) => [topic.slice('gbt32960/'.length), JSON.parse(payload)] as const);
  }

  /** The topics of what came since the last look, without `upstream`. */
  topics(): string[] {
    return this.look().map(([topic]) => topic.replace('/upstream/', ' '));
  }

  commands(json: unknown, vin = VIN): void {
    const payload = typeof json === 'string' ? json : JSON.stringify(json);
    this.#client.publish(`gbt32960/${vin}/dnstream`, payload, 1);
  }
}
