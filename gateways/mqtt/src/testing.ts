import assert from 'node:assert/strict';
import {
  type ConnectPacket,
  describe,
  encodeToBuffer,
  MqttDecoder,
  type Packet,
  type ProtocolVersion,
  type Publish,
  type QoS,
  type ReceivedPacket,
  type SubscribePacket,
} from '@portico/codec-mqtt';
import {
  type Channel,
  type ConnectionInfo,
  isPromise,
  type MaybePromise,
  type StreamCodec,
} from '@portico/core';
import { connectionInfo, RecordingPeer, type TestHub } from '@portico/core/testing';
import { BufferSink, isFrameError } from '@portico/frame';
import type { OutgoingFrame } from './codec.js';
import { mqttConfig } from './config.js';
import { mqttGateway } from './gateway.js';

type Codec = StreamCodec<ReceivedPacket, OutgoingFrame>;

/** A peer that encodes what is sent at once, as a link does, and keeps the bytes. */
class WirePeer extends RecordingPeer<OutgoingFrame> {
  readonly codec: Codec;
  readonly bytes = new BufferSink();

  constructor(hub: TestHub, codec: Codec, info: ConnectionInfo) {
    super(info, hub.clock, hub.timers);
    this.codec = codec;
  }

  override send(frame: OutgoingFrame): void {
    if (this.ended === undefined) this.codec.encode(frame, this.bytes);
  }
}

/** The gateway with a configuration, on a hub. All clients of one test share it. */
export function startGateway(hub: TestHub, config: Record<string, unknown> = {}) {
  return mqttGateway.create(hub.context('mqtt'), mqttConfig.parse(config));
}

/** An MQTT client without a socket: real bytes through codec and channel to a real engine, and back. */
export class Client {
  readonly peer: WirePeer;
  readonly channel: Channel<ReceivedPacket>;
  readonly version: ProtocolVersion;
  readonly #codec: Codec;
  readonly #decoder: MqttDecoder;

  constructor(
    gateway: ReturnType<typeof startGateway>,
    hub: TestHub,
    version: ProtocolVersion,
    info: ConnectionInfo = connectionInfo('mqtt'),
  ) {
    const codec = gateway.createCodec(info);
    assert.equal(codec.kind, 'stream');
    this.version = version;
    this.#codec = codec;
    this.#decoder = new MqttDecoder({ maxPacketSize: 1024 * 1024, version });
    this.peer = new WirePeer(hub, codec, info);
    this.channel = gateway.createChannel(this.peer);
    this.peer.attach(this.channel);
  }

  /** Sends a packet as the client's version writes it. */
  sends(packet: Packet): MaybePromise<void> {
    return this.sendsBytes(encodeToBuffer(packet, this.version));
  }

  /** Sends bytes that are overwritten as soon as they have been handled. */
  sendsBytes(bytes: Buffer): MaybePromise<void> {
    this.peer.received();
    this.#codec.push(bytes);
    let pending: Promise<void> | undefined;
    try {
      for (let packet = this.#codec.next(); packet !== undefined; packet = this.#codec.next()) {
        const result = this.channel.onFrame(packet);
        assert.ok(pending === undefined, 'the channel was given a packet before it had done with the last');
        if (isPromise(result)) pending = result;
      }
    } catch (error) {
      if (!isFrameError(error)) throw error;
      this.channel.onFrameError(error);
      this.peer.end('malformed_input');
    }
    bytes.fill(0xee);
    return pending;
  }

  /** Sends a CONNECT of client `c`, clean start, no keep alive, unless told otherwise. */
  connects(fields: Partial<ConnectPacket> = {}): MaybePromise<void> {
    const protocolVersion = this.version;
    return this.sends({
      type: 'connect',
      protocolVersion,
      cleanStart: true,
      keepAlive: 0,
      clientId: 'c',
      ...fields,
    });
  }

  publishes(topic: string, payload: string, fields: Partial<Publish> = {}): MaybePromise<void> {
    return this.sends({
      type: 'publish',
      topic,
      payload: Buffer.from(payload),
      qos: 0,
      retain: false,
      dup: false,
      packetId: fields.qos === undefined || fields.qos === 0 ? 0 : 1,
      ...fields,
    });
  }

  subscribes(filter: string, qos: QoS = 0, fields: Partial<SubscribePacket> = {}): MaybePromise<void> {
    const options = { noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
    return this.sends({
      type: 'subscribe',
      packetId: 7,
      subscriptions: [{ filter, qos, ...options }],
      ...fields,
    });
  }

  /** The packets that came since the last look. */
  takes(): ReceivedPacket[] {
    this.#decoder.push(this.peer.bytes.take());
    const packets: ReceivedPacket[] = [];
    for (let packet = this.#decoder.next(); packet !== undefined; packet = this.#decoder.next()) {
      packets.push(packet);
    }
    return packets;
  }

  /** The packets that came since the last look, a line for each. */
  look(): string[] {
    return this.takes().map(describe);
  }

  /** `topic=payload` of the messages that came since the last look; there must be nothing else. */
  messages(): string[] {
    return this.takes().map((packet) => {
      assert.equal(packet.type, 'publish');
      return `${packet.topic}=${packet.payload}`;
    });
  }

  get closed(): string | undefined {
    return this.peer.ended;
  }
}

/** A client that is connected, its CONNACK already looked at. */
export function connected(
  hub: TestHub,
  version: ProtocolVersion,
  fields: Partial<ConnectPacket> = {},
  gateway = startGateway(hub),
): Client {
  const client = new Client(gateway, hub, version);
  client.connects(fields);
  const [connack] = client.takes();
  assert.equal(connack?.type, 'connack');
  assert.equal(connack.reasonCode, 0);
  return client;
}
