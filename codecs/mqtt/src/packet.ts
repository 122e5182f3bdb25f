import type { PropertiesOf } from './property-table.js';

/** Protocol level: 3 is MQTT 3.1 (`MQIsdp`), 4 is MQTT 3.1.1, 5 is MQTT 5.0. */
export type ProtocolVersion = 3 | 4 | 5;

export type QoS = 0 | 1 | 2;

export type ConnectProperties = PropertiesOf<'connect'>;
export type WillProperties = PropertiesOf<'will'>;
export type ConnackProperties = PropertiesOf<'connack'>;
export type PublishProperties = PropertiesOf<'publish'>;
export type AckProperties = PropertiesOf<'puback' | 'pubrec' | 'pubrel' | 'pubcomp'>;
export type SubscribeProperties = PropertiesOf<'subscribe'>;
export type SubackProperties = PropertiesOf<'suback'>;
export type UnsubscribeProperties = PropertiesOf<'unsubscribe'>;
export type UnsubackProperties = PropertiesOf<'unsuback'>;
export type DisconnectProperties = PropertiesOf<'disconnect'>;
export type AuthProperties = PropertiesOf<'auth'>;

/** The message to publish when the client is lost, MQTT 5 §3.1.2.5. */
export interface WillMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties?: WillProperties | undefined;
}

/** MQTT 5 §3.1. */
export interface ConnectPacket {
  readonly type: 'connect';
  readonly protocolVersion: ProtocolVersion;
  /** Clean Session before MQTT 5. */
  readonly cleanStart: boolean;
  /** Seconds; 0 for none. */
  readonly keepAlive: number;
  readonly clientId: string;
  readonly will?: WillMessage | undefined;
  readonly username?: string | undefined;
  readonly password?: Buffer | undefined;
  readonly properties?: ConnectProperties | undefined;
}

/** MQTT 5 §3.2. */
export interface ConnackPacket {
  readonly type: 'connack';
  /** Always false in MQTT 3.1, which has no such flag. */
  readonly sessionPresent: boolean;
  /** A reason code in MQTT 5, a return code from 0 to 5 before. */
  readonly reasonCode: number;
  readonly properties?: ConnackProperties | undefined;
}

/** What a PUBLISH packet is made of, MQTT 5 §3.3. {@link PublishPacket} is one that was received. */
export interface Publish {
  readonly type: 'publish';
  /** Empty only where a topic alias stands for it. */
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly dup: boolean;
  /** 0 for QoS 0. */
  readonly packetId: number;
  readonly properties?: PublishProperties | undefined;
}

/**
 * A PUBLISH packet as decoded. Its payload lies in the memory it came in and is cut out when somebody asks
 * for it. Has the shape of what the hub takes as a `Publication`, so that on the way of every message none need be made.
 */
export class PublishPacket implements Publish {
  readonly type = 'publish' as const;
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly packetId: number;
  readonly properties: PublishProperties | undefined;
  /** The payload is a view into memory that belongs to somebody else; said in the terms of a `Publication`. */
  readonly owned = false;
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;
  #payload: Buffer | undefined = undefined;

  /**
   * @param flags the low four bits of the fixed header, QoS already checked
   * @param bytes holds the payload from `start` to `end`
   */
  constructor(
    topic: string,
    flags: number,
    packetId: number,
    properties: PublishProperties | undefined,
    bytes: Buffer,
    start: number,
    end: number,
  ) {
    this.topic = topic;
    this.qos = ((flags >> 1) & 3) as QoS;
    this.retain = (flags & 1) !== 0;
    this.dup = (flags & 8) !== 0;
    this.packetId = packetId;
    this.properties = properties;
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  /** A view into the bytes received: copy it to keep it. */
  get payload(): Buffer {
    this.#payload ??= this.#bytes.subarray(this.#start, this.#end);
    return this.#payload;
  }
}

/** The four acknowledgements of PUBLISH, MQTT 5 §3.4 to §3.7. */
export interface AckPacket {
  readonly type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp';
  readonly packetId: number;
  /** 0 before MQTT 5. */
  readonly reasonCode: number;
  readonly properties?: AckProperties | undefined;
}

/** One topic filter of a SUBSCRIBE packet with its options, MQTT 5 §3.8.3.1. */
export interface SubscriptionRequest {
  readonly filter: string;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** 0 send retained messages, 1 only if the subscription is new, 2 do not send them. */
  readonly retainHandling: 0 | 1 | 2;
}

/** MQTT 5 §3.8. */
export interface SubscribePacket {
  readonly type: 'subscribe';
  readonly packetId: number;
  readonly subscriptions: readonly SubscriptionRequest[];
  readonly properties?: SubscribeProperties | undefined;
}

/** MQTT 5 §3.9. */
export interface SubackPacket {
  readonly type: 'suback';
  readonly packetId: number;
  /** In the order of the filters: the granted QoS, or a code from 0x80 on. */
  readonly reasonCodes: readonly number[];
  readonly properties?: SubackProperties | undefined;
}

/** MQTT 5 §3.10. */
export interface UnsubscribePacket {
  readonly type: 'unsubscribe';
  readonly packetId: number;
  readonly filters: readonly string[];
  readonly properties?: UnsubscribeProperties | undefined;
}

/** MQTT 5 §3.11. */
export interface UnsubackPacket {
  readonly type: 'unsuback';
  readonly packetId: number;
  /** In the order of the filters; none before MQTT 5. */
  readonly reasonCodes: readonly number[];
  readonly properties?: UnsubackProperties | undefined;
}

/** MQTT 5 §3.12 and §3.13. */
export interface PingPacket {
  readonly type: 'pingreq' | 'pingresp';
}

/** MQTT 5 §3.14. */
export interface DisconnectPacket {
  readonly type: 'disconnect';
  /** 0 before MQTT 5. */
  readonly reasonCode: number;
  readonly properties?: DisconnectProperties | undefined;
}

/** MQTT 5 §3.15. */
export interface AuthPacket {
  readonly type: 'auth';
  readonly reasonCode: number;
  readonly properties?: AuthProperties | undefined;
}

/** All packets but PUBLISH. */
export type ControlPacket =
  | ConnectPacket
  | ConnackPacket
  | AckPacket
  | SubscribePacket
  | SubackPacket
  | UnsubscribePacket
  | UnsubackPacket
  | PingPacket
  | DisconnectPacket
  | AuthPacket;

/** A packet to encode. */
export type Packet = ControlPacket | Publish;

/** A packet as decoded. */
export type ReceivedPacket = ControlPacket | PublishPacket;

export type PacketType = Packet['type'];
