import {
  encodePublish,
  type ProtocolVersion,
  type Publish,
  type PublishProperties,
  PublishTemplate,
  type QoS,
} from '@portico/codec-mqtt';
import { allocateWireSlot, type ByteSink, type Message } from '@portico/core';

const NO_BYTES = Buffer.alloc(0);

/** One slot for each form that a PUBLISH without anything of its receiver's own can have. */
const SLOTS = Array.from({ length: 12 }, allocateWireSlot);

/** MQTT 3.1 and 3.1.1 write PUBLISH alike. */
function slotOf(version: ProtocolVersion, qos: QoS, retain: boolean): number {
  return SLOTS[(version === 5 ? 6 : 0) + qos * 2 + (retain ? 1 : 0)] as number;
}

/**
 * A PUBLISH on its way to a client.
 *
 * One object serves all deliveries of a gateway: it is filled, fitted to its client, sent and done with before the next
 * one. That holds because a peer encodes what it is sent at once and calls nobody meanwhile who could deliver again.
 */
export class DeliveryFrame implements Publish {
  readonly type = 'publish';
  topic = '';
  payload: Buffer = NO_BYTES;
  qos: QoS = 0;
  retain = false;
  dup = false;
  packetId = 0;
  properties: PublishProperties | undefined = undefined;
  /** Holds all of it but packet identifier and DUP, where it is sent to many. */
  #template: PublishTemplate | undefined = undefined;

  /** Makes it a delivery of `message`, with the message's properties and nothing left of the delivery before. */
  fill(message: Message, topic: string, qos: QoS, packetId: number, retain: boolean, dup: boolean): void {
    this.topic = topic;
    this.payload = message.payload;
    this.qos = qos;
    this.packetId = packetId;
    this.retain = retain;
    this.dup = dup;
    this.properties = message.properties;
    this.#template = undefined;
  }

  /** Encodes it once for all receivers of `message`, to whom it is the same. */
  share(message: Message, version: ProtocolVersion): void {
    this.#template = this.#templateOf(message, version);
  }

  #templateOf(message: Message, version: ProtocolVersion): PublishTemplate {
    const slot = slotOf(version, this.qos, this.retain);
    message.wire ??= [];
    const made = message.wire[slot];
    if (made instanceof PublishTemplate) return made;
    const template = new PublishTemplate(this, version);
    message.wire[slot] = template;
    return template;
  }

  write(version: ProtocolVersion, sink: ByteSink): void {
    if (this.#template === undefined) encodePublish(this, version, sink);
    else this.#template.write(sink, this.packetId, this.dup);
  }
}
