import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PacketType, reasonCodeName } from '@portico/codec-mqtt';
import type { ConnectRefusal, PublishResult, SubscribeRefusal, UnsubscribeResult } from '@portico/core';
import {
  connackCode,
  disconnectCode,
  type Ending,
  publishCode,
  subscribeRefusalCode,
  unsubscribeCode,
} from './reasons.js';

const CONNECT_REFUSALS: readonly ConnectRefusal[] = [
  'not_authorized',
  'bad_credentials',
  'clientid_invalid',
  'banned',
  'server_busy',
  'server_unavailable',
  'topic_name_invalid',
  'qos_not_supported',
  'retain_not_supported',
  'quota_exceeded',
  'unspecified',
];

const SUBSCRIBE_REFUSALS: readonly SubscribeRefusal[] = [
  'not_authorized',
  'topic_filter_invalid',
  'shared_subscriptions_not_supported',
  'wildcard_subscriptions_not_supported',
  'quota_exceeded',
  'unspecified',
];

const PUBLISH_RESULTS: readonly PublishResult[] = [
  'ok',
  'no_subscribers',
  'duplicate',
  'not_authorized',
  'topic_name_invalid',
  'qos_not_supported',
  'retain_not_supported',
  'quota_exceeded',
  'unspecified',
];

const UNSUBSCRIBE_RESULTS: readonly UnsubscribeResult[] = ['ok', 'no_subscription', 'topic_filter_invalid'];

const ENDINGS: readonly Ending[] = [
  'malformed_packet',
  'protocol_error',
  'unsupported_protocol_version',
  'topic_name_invalid',
  'topic_alias_invalid',
  'packet_too_large',
  'keepalive_timeout',
  'taken_over',
  'kicked',
  'server_shutdown',
  'not_authorized',
  'receive_maximum_exceeded',
  'quota_exceeded',
  'qos_not_supported',
  'retain_not_supported',
  'payload_format_invalid',
];

function assertMayCarry(packet: PacketType, code: number | undefined, why: string): void {
  assert.ok(code !== undefined && reasonCodeName(packet, code) !== undefined, `${packet} ${code} for ${why}`);
}

test('every reason has a code that its packet may carry', () => {
  for (const refusal of CONNECT_REFUSALS) assertMayCarry('connack', connackCode(refusal, 5), refusal);
  for (const refusal of SUBSCRIBE_REFUSALS) {
    assertMayCarry('suback', subscribeRefusalCode(refusal, 5), refusal);
  }
  for (const result of PUBLISH_RESULTS) {
    assertMayCarry('puback', publishCode(result), result);
    assertMayCarry('pubrec', publishCode(result), result);
  }
  for (const result of UNSUBSCRIBE_RESULTS) assertMayCarry('unsuback', unsubscribeCode(result), result);
  for (const ending of ENDINGS) assertMayCarry('disconnect', disconnectCode(ending), ending);
});

test('before MQTT 5 a refused CONNECT gets a return code from 1 to 5, or none', () => {
  for (const refusal of CONNECT_REFUSALS) {
    const code = connackCode(refusal, 4);
    assert.ok(code === undefined || (code >= 1 && code <= 5), refusal);
  }
  for (const refusal of SUBSCRIBE_REFUSALS) assert.equal(subscribeRefusalCode(refusal, 4), 0x80);
});
