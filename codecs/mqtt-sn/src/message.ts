/** The messages of MQTT-SN 1.2, by the specification's names of messages and fields. */

/** What an identifier of a topic is, two bits of Flags (§5.3.4); 3 is reserved. */
export const TopicIdType = {
  /** An id from REGISTER or SUBACK; in SUBSCRIBE and UNSUBSCRIBE the topic's name. */
  normal: 0,
  /** An id that gateway and client both knew beforehand. */
  predefined: 1,
  /** The topic's name itself, of two octets. */
  short: 2,
} as const;
export type TopicIdType = (typeof TopicIdType)[keyof typeof TopicIdType];

/**
 * Table 5 (§5.3.10). The rest is reserved: a decoded message may carry any octet, and whatever is not
 * `accepted` is a rejection.
 */
export const ReturnCode = { accepted: 0, congestion: 1, invalidTopicId: 2, notSupported: 3 } as const;

/** -1 is a PUBLISH without connection (§6.8). Elsewhere it has no meaning, but the two bits can say it. */
export type Qos = -1 | 0 | 1 | 2;

/** The value of ProtocolId that is not reserved (§5.3.8). */
export const PROTOCOL_ID = 1;

/** First of the topic ids that are not reserved (§5.3.11). */
export const MIN_TOPIC_ID = 1;

/** Last of the topic ids that are not reserved (§5.3.11). */
export const MAX_TOPIC_ID = 0xfffe;

/** Most octets of a message (§5.2.1). */
export const MAX_MESSAGE_LENGTH = 65535;

/** Most octets of a Wireless Node Id: the Length before it has one octet (§5.5). */
export const MAX_WIRELESS_NODE_ID_LENGTH = 252;

/** For each of several types a message of its own, all with the same fields. */
type OfEach<Type extends string, Fields = unknown> = Type extends string
  ? { readonly type: Type } & Fields
  : never;

/** Gateway to all: here I am, §5.4.1. */
export interface AdvertiseMessage {
  readonly type: 'advertise';
  /** 0 to 255. */
  readonly gwId: number;
  /** Seconds to the next ADVERTISE, 0 to 65,535. */
  readonly duration: number;
}

/** Client to all: where is a gateway? §5.4.2. */
export interface SearchgwMessage {
  readonly type: 'searchgw';
  /** Hops, 0 to 255; 0 for all nodes of the network. */
  readonly radius: number;
}

/** The answer to SEARCHGW, §5.4.3. */
export interface GwinfoMessage {
  readonly type: 'gwinfo';
  /** 0 to 255. */
  readonly gwId: number;
  /** The gateway's address in its network's own form. Empty when the gateway itself answers. */
  readonly gwAdd: Buffer;
}

/** Client to gateway, §5.4.4. */
export interface ConnectMessage {
  readonly type: 'connect';
  /** Whether the client wants to be asked for its will. */
  readonly will: boolean;
  readonly cleanSession: boolean;
  /** {@link PROTOCOL_ID}; others are reserved. */
  readonly protocolId: number;
  /** Keep alive in seconds, 0 to 65,535. */
  readonly duration: number;
  /** The specification wants 1 to 23 characters; a decoded one may be empty or longer. */
  readonly clientId: string;
}

/** Messages that answer with nothing but a code: §5.4.5, §5.4.24, §5.4.25. */
export type ReturnCodeMessage = OfEach<
  'connack' | 'willtopicresp' | 'willmsgresp',
  {
    /** See {@link ReturnCode}. */
    readonly returnCode: number;
  }
>;

/** Messages that are a header only: §5.4.6, §5.4.8, §5.4.20. */
export type BareMessage = OfEach<'willtopicreq' | 'willmsgreq' | 'pingresp'>;

/** Client to gateway: the will's topic, §5.4.7 and §5.4.22. */
export type WillTopicMessage = OfEach<
  'willtopic' | 'willtopicupd',
  {
    readonly qos: Qos;
    readonly retain: boolean;
    /** Empty to delete the will; QoS and Retain then mean nothing. */
    readonly willTopic: string;
  }
>;

/** Client to gateway: the will's payload, §5.4.9 and §5.4.23. */
export type WillMsgMessage = OfEach<
  'willmsg' | 'willmsgupd',
  {
    readonly willMsg: Buffer;
  }
>;

/** Both ways: asks for an id (TopicId 0), or tells one, §5.4.10. */
export interface RegisterMessage {
  readonly type: 'register';
  readonly topicId: number;
  readonly msgId: number;
  readonly topicName: string;
}

/** Both ways: §5.4.11 and §5.4.13. */
export type TopicAckMessage = OfEach<
  'regack' | 'puback',
  {
    /** In PUBACK the two octets of the PUBLISH, whatever their type. */
    readonly topicId: number;
    readonly msgId: number;
    /** See {@link ReturnCode}. */
    readonly returnCode: number;
  }
>;

/** Both ways, §5.4.12. */
export interface PublishMessage {
  readonly type: 'publish';
  readonly dup: boolean;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly topicIdType: TopicIdType;
  /** 16 bits; of a short topic name its two octets, see `shortTopicName`. */
  readonly topicId: number;
  /** 0 with QoS 0 and -1. */
  readonly msgId: number;
  readonly data: Buffer;
}

/** Messages that are joined to another by its MsgId: §5.4.14, §5.4.18. */
export type MsgIdMessage = OfEach<
  'pubrec' | 'pubrel' | 'pubcomp' | 'unsuback',
  {
    readonly msgId: number;
  }
>;

/** How SUBSCRIBE and UNSUBSCRIBE name a topic. */
export type TopicReference =
  | {
      readonly topicIdType: typeof TopicIdType.normal | typeof TopicIdType.short;
      /** A name or filter; a short one has two octets. */
      readonly topicName: string;
    }
  | { readonly topicIdType: typeof TopicIdType.predefined; readonly topicId: number };

/** Client to gateway, §5.4.15. */
export type SubscribeMessage = TopicReference & {
  readonly type: 'subscribe';
  readonly dup: boolean;
  readonly qos: Qos;
  readonly msgId: number;
};

/** Gateway to client, §5.4.16. */
export interface SubackMessage {
  readonly type: 'suback';
  /** Granted. */
  readonly qos: Qos;
  /** 0 for a short topic name and for a filter with wildcards. */
  readonly topicId: number;
  readonly msgId: number;
  /** See {@link ReturnCode}. */
  readonly returnCode: number;
}

/** Client to gateway, §5.4.17. */
export type UnsubscribeMessage = TopicReference & {
  readonly type: 'unsubscribe';
  readonly msgId: number;
};

/** Both ways, §5.4.19. */
export interface PingreqMessage {
  readonly type: 'pingreq';
  /** Whom a sleeping client is when it wants its messages (§6.14); empty when absent. */
  readonly clientId: string;
}

/** Both ways, §5.4.21. */
export interface DisconnectMessage {
  readonly type: 'disconnect';
  /** Seconds for which a client means to sleep, 0 to 65,535; undefined when absent. */
  readonly duration: number | undefined;
}

/** A message as it is between client and gateway. */
export type PlainMessage =
  | AdvertiseMessage
  | SearchgwMessage
  | GwinfoMessage
  | ConnectMessage
  | ReturnCodeMessage
  | BareMessage
  | WillTopicMessage
  | WillMsgMessage
  | RegisterMessage
  | TopicAckMessage
  | PublishMessage
  | MsgIdMessage
  | SubscribeMessage
  | SubackMessage
  | UnsubscribeMessage
  | PingreqMessage
  | DisconnectMessage;

/** A message between forwarder and gateway, with the client's place in the forwarder's network, §5.5. */
export interface EncapsulatedMessage {
  readonly type: 'encapsulated';
  /** Broadcast radius, 0 to 3; means something from gateway to forwarder only. */
  readonly radius: number;
  /** Up to {@link MAX_WIRELESS_NODE_ID_LENGTH} octets. */
  readonly wirelessNodeId: Buffer;
  readonly message: PlainMessage;
}

/** Every message. The Buffers of a decoded one are views into its datagram. */
export type SnMessage = PlainMessage | EncapsulatedMessage;

export type PlainMessageType = PlainMessage['type'];
export type SnMessageType = SnMessage['type'];
