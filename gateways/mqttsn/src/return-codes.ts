import { ReturnCode } from '@portico/codec-mqtt-sn';
import type { ConnectRefusal, PublishRefusal, SubscribeRefusal } from '@portico/core';

const { congestion, invalidTopicId, notSupported } = ReturnCode;

/** All that can go wrong, in words of the hub. */
export type Refusal = ConnectRefusal | PublishRefusal | SubscribeRefusal;

/** What is told with another code than "not supported", MQTT-SN 1.2 §5.3.10: what may go well when tried later. */
const CODES: Readonly<Partial<Record<Refusal, number>>> = {
  server_busy: congestion,
  server_unavailable: congestion,
  quota_exceeded: congestion,
  storage_failed: congestion,
  unspecified: congestion,
  topic_name_invalid: invalidTopicId,
};

/** The ReturnCode for a refusal. */
export function returnCodeOf(refusal: Refusal): number {
  return CODES[refusal] ?? notSupported;
}
