/**
 * MQTT-SN 1.2 messages as datagrams: pure encoding and decoding. Connections, sleep, topic ids and everything
 * that takes time belong to the gateway.
 */

export { decode, type SnErrorCode } from './decoder.js';
export { describe } from './describe.js';
export { encode, encodedLength } from './encoder.js';
export { explain } from './explain.js';
export { fuzz } from './fuzz.js';
export {
  type AdvertiseMessage,
  type BareMessage,
  type ConnectMessage,
  type DisconnectMessage,
  type EncapsulatedMessage,
  type GwinfoMessage,
  MAX_MESSAGE_LENGTH,
  MAX_TOPIC_ID,
  MAX_WIRELESS_NODE_ID_LENGTH,
  MIN_TOPIC_ID,
  type MsgIdMessage,
  type PingreqMessage,
  type PlainMessage,
  type PlainMessageType,
  PROTOCOL_ID,
  type PublishMessage,
  type Qos,
  type RegisterMessage,
  ReturnCode,
  type ReturnCodeMessage,
  type SearchgwMessage,
  type SnMessage,
  type SnMessageType,
  type SubackMessage,
  type SubscribeMessage,
  type TopicAckMessage,
  TopicIdType,
  type TopicReference,
  type UnsubscribeMessage,
  type WillMsgMessage,
  type WillTopicMessage,
} from './message.js';
export { shortTopicId, shortTopicName } from './short-topic.js';
