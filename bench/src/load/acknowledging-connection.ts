import { encode, MqttDecoder, type PublishPacket, type ReceivedPacket } from '@portico/codec-mqtt';
import { BufferSink } from '@portico/frame';
import { MqttConnection } from './mqtt-connection.js';
import { VERSION } from './mqtt-packets.js';

const LARGEST_PACKET = 1024 * 1024;

/**
 * Reads every packet and goes through the exchanges of QoS 1 and 2, as subscriber and as publisher. What a chunk
 * makes it answer leaves in one write.
 */
export class AcknowledgingConnection extends MqttConnection {
  /** Called when a message that was published is acknowledged for good, with its packet identifier. */
  onAcknowledged: (packetId: number) => void = () => {};
  readonly #decoder = new MqttDecoder({ maxPacketSize: LARGEST_PACKET, version: VERSION });
  readonly #onMessage: (packet: PublishPacket) => void;
  readonly #outgoing = new BufferSink();

  constructor(onMessage: (packet: PublishPacket) => void) {
    super();
    this.#onMessage = onMessage;
  }

  protected receive(bytes: Buffer): void {
    this.#decoder.push(bytes);
    for (let packet = this.#decoder.next(); packet !== undefined; packet = this.#decoder.next()) {
      this.#handle(packet);
    }
    this.flush();
  }

  /** Sends a packet with the answers to the present chunk, or at the next {@link flush}. */
  gather(packet: Buffer): void {
    const offset = this.#outgoing.reserve(packet.length);
    packet.copy(this.#outgoing.buffer, offset);
  }

  flush(): void {
    if (this.#outgoing.length > 0) this.write(this.#outgoing.take());
  }

  #handle(packet: ReceivedPacket): void {
    switch (packet.type) {
      case 'publish':
        if (packet.qos !== 0) this.#acknowledge(packet.qos === 1 ? 'puback' : 'pubrec', packet.packetId);
        this.#onMessage(packet);
        break;
      case 'pubrec':
        this.#acknowledge('pubrel', packet.packetId);
        break;
      case 'pubrel':
        this.#acknowledge('pubcomp', packet.packetId);
        break;
      case 'puback':
      case 'pubcomp':
        this.onAcknowledged(packet.packetId);
        break;
      default:
        this.onAnswer();
    }
  }

  #acknowledge(type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp', packetId: number): void {
    encode({ type, packetId, reasonCode: 0 }, VERSION, this.#outgoing);
  }
}
