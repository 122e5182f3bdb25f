import {
  FAULT_REASON_CODES,
  type MqttFaultCode,
  type ProtocolVersion,
  ReasonCode,
  ReturnCode,
  SUBACK_FAILURE,
} from '@portico/codec-mqtt';
import type { ConnectRefusal, PublishResult, SubscribeRefusal, UnsubscribeResult } from '@portico/core';

/**
 * Why the gateway ends a connection, as operators see it, with the reason code of the DISCONNECT that tells an
 * MQTT 5 client (MQTT 5 §3.14.2.1).
 */
const ENDINGS = {
  ...FAULT_REASON_CODES,
  /** Only in a second CONNECT, which may not be sent at all. */
  unsupported_protocol_version: ReasonCode.protocolError,
  keepalive_timeout: ReasonCode.keepAliveTimeout,
  taken_over: ReasonCode.sessionTakenOver,
  kicked: ReasonCode.administrativeAction,
  banned: ReasonCode.administrativeAction,
  server_shutdown: ReasonCode.serverShuttingDown,
  not_authorized: ReasonCode.notAuthorized,
  receive_maximum_exceeded: ReasonCode.receiveMaximumExceeded,
  qos_not_supported: ReasonCode.qosNotSupported,
  retain_not_supported: ReasonCode.retainNotSupported,
  payload_format_invalid: ReasonCode.payloadFormatInvalid,
  storage_failed: ReasonCode.quotaExceeded,
} as const;

export type Ending = keyof typeof ENDINGS;

export function disconnectCode(ending: Ending): number {
  return ENDINGS[ending];
}

/** What operators see of a client's DISCONNECT: `normal`, or its reason code, `disconnected_0x04`. */
export function goodbyeReason(reasonCode: number): string {
  if (reasonCode === ReasonCode.normalDisconnection) return 'normal';
  return `disconnected_0x${reasonCode.toString(16).padStart(2, '0')}`;
}

/** Why a CONNECT is refused: by the hub, by the gateway, or because it cannot be read. */
export type ConnackRefusal =
  | ConnectRefusal
  | 'bad_authentication_method'
  | 'payload_format_invalid'
  | MqttFaultCode;

/** Reason codes of CONNACK, MQTT 5 §3.2.2.2. */
const CONNACK_CODES: Readonly<Record<ConnackRefusal, number>> = {
  ...FAULT_REASON_CODES,
  bad_authentication_method: ReasonCode.badAuthenticationMethod,
  payload_format_invalid: ReasonCode.payloadFormatInvalid,
  not_authorized: ReasonCode.notAuthorized,
  bad_credentials: ReasonCode.badUserNameOrPassword,
  clientid_invalid: ReasonCode.clientIdentifierNotValid,
  banned: ReasonCode.banned,
  server_busy: ReasonCode.serverBusy,
  server_unavailable: ReasonCode.serverUnavailable,
  qos_not_supported: ReasonCode.qosNotSupported,
  retain_not_supported: ReasonCode.retainNotSupported,
  unspecified: ReasonCode.unspecifiedError,
};

/** The return codes of CONNACK before MQTT 5 that say what a reason code says, MQTT 3.1.1 table 3.1. */
const RETURN_CODES: ReadonlyMap<number, number> = new Map<number, number>([
  [ReasonCode.unsupportedProtocolVersion, ReturnCode.unacceptableProtocolVersion],
  [ReasonCode.clientIdentifierNotValid, ReturnCode.identifierRejected],
  [ReasonCode.serverUnavailable, ReturnCode.serverUnavailable],
  [ReasonCode.serverBusy, ReturnCode.serverUnavailable],
  [ReasonCode.quotaExceeded, ReturnCode.serverUnavailable],
  [ReasonCode.unspecifiedError, ReturnCode.serverUnavailable],
  [ReasonCode.badUserNameOrPassword, ReturnCode.badUserNameOrPassword],
  [ReasonCode.notAuthorized, ReturnCode.notAuthorized],
  [ReasonCode.banned, ReturnCode.notAuthorized],
]);

/**
 * The code of a CONNACK that refuses a client in its version. Undefined where MQTT 3 has none that applies:
 * the connection is closed without a CONNACK then (MQTT 3.1.1 §3.2.2.3).
 */
export function connackCode(refusal: ConnackRefusal, version: ProtocolVersion): number | undefined {
  const reasonCode = CONNACK_CODES[refusal];
  return version === 5 ? reasonCode : RETURN_CODES.get(reasonCode);
}

/**
 * What to refuse a client with whose bytes cannot be read between its CONNECT and the CONNACK. A second CONNECT may not
 * be sent at all, in whichever version, and the first one has said in which version to answer.
 */
export function refusalAmidLogin(fault: MqttFaultCode): ConnackRefusal {
  return fault === 'unsupported_protocol_version' ? 'protocol_error' : fault;
}

/** Whether a refusal is about who the client is or what it may do. */
export function isAuthRefusal(refusal: ConnackRefusal): boolean {
  return refusal === 'bad_credentials' || refusal === 'not_authorized';
}

/** Reason codes of PUBACK and PUBREC, MQTT 5 §3.4.2.1. */
const PUBLISH_CODES: Readonly<Record<PublishResult, number>> = {
  ok: ReasonCode.success,
  duplicate: ReasonCode.success,
  no_subscribers: ReasonCode.noMatchingSubscribers,
  not_authorized: ReasonCode.notAuthorized,
  topic_name_invalid: ReasonCode.topicNameInvalid,
  quota_exceeded: ReasonCode.quotaExceeded,
  storage_failed: ReasonCode.quotaExceeded,
  qos_not_supported: ReasonCode.unspecifiedError,
  retain_not_supported: ReasonCode.unspecifiedError,
  unspecified: ReasonCode.unspecifiedError,
};

export function publishCode(result: PublishResult): number {
  return PUBLISH_CODES[result];
}

/** Reason codes of SUBACK beside success, MQTT 5 §3.9.3. */
const SUBSCRIBE_CODES: Readonly<Record<SubscribeRefusal, number>> = {
  not_authorized: ReasonCode.notAuthorized,
  topic_filter_invalid: ReasonCode.topicFilterInvalid,
  shared_subscriptions_not_supported: ReasonCode.sharedSubscriptionsNotSupported,
  wildcard_subscriptions_not_supported: ReasonCode.wildcardSubscriptionsNotSupported,
  quota_exceeded: ReasonCode.quotaExceeded,
  storage_failed: ReasonCode.quotaExceeded,
  unspecified: ReasonCode.unspecifiedError,
};

/** Before MQTT 5 there is one code for all, MQTT 3.1.1 §3.9.3. */
export function subscribeRefusalCode(refusal: SubscribeRefusal, version: number): number {
  return version < 5 ? SUBACK_FAILURE : SUBSCRIBE_CODES[refusal];
}

/** Reason codes of UNSUBACK, MQTT 5 §3.11.3. */
const UNSUBSCRIBE_CODES: Readonly<Record<UnsubscribeResult, number>> = {
  ok: ReasonCode.success,
  no_subscription: ReasonCode.noSubscriptionExisted,
  topic_filter_invalid: ReasonCode.topicFilterInvalid,
};

export function unsubscribeCode(result: UnsubscribeResult): number {
  return UNSUBSCRIBE_CODES[result];
}
