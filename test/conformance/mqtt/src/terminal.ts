import { RawClient } from '@portico/test';
import type { PacketName, Version } from './spec/packets.js';
import { packetLength, type Received, readPacket } from './wire/read.js';
import { type Bytes, PINGREQ } from './wire/write.js';

/** A connection that sends any bytes and takes apart what comes back. */
export class Terminal {
  /** The version in which the server's packets are read. */
  version: Version;
  readonly #wire: RawClient;
  readonly #passedOver: Received[] = [];

  private constructor(wire: RawClient, version: Version) {
    this.#wire = wire;
    this.version = version;
  }

  static async connect(port: number, version: Version): Promise<Terminal> {
    return new Terminal(await RawClient.connect(port), version);
  }

  send(bytes: Bytes): void {
    this.#wire.send(bytes);
  }

  /** The next packet; fails when the server closes before. */
  async receive(): Promise<Received> {
    return this.#passedOver.shift() ?? this.#read();
  }

  /** The next packet of that type; what comes before it is received later. */
  async receiveFirst(type: PacketName): Promise<Received> {
    for (;;) {
      const packet = await this.#read();
      if (packet.type === type) return packet;
      this.#passedOver.push(packet);
    }
  }

  async #read(): Promise<Received> {
    for (let count = 2; ; count = this.#wire.received.length + 1) {
      await this.#wire.has(count);
      const length = packetLength(this.#wire.received);
      if (length !== undefined) return readPacket(await this.#wire.readBytes(length), this.version);
    }
  }

  /** What comes before the answer to a PINGREQ: everything that the server had to send. */
  async receiveAll(): Promise<Received[]> {
    this.send(PINGREQ);
    const packets: Received[] = [];
    for (;;) {
      const packet = await this.receive();
      if (packet.type === 'pingresp') return packets;
      packets.push(packet);
    }
  }

  /** Waits until the server has closed. @returns the bytes that came before */
  closes(): Promise<Buffer> {
    return this.#wire.expectClose();
  }

  destroy(): void {
    this.#wire.destroy();
  }
}
