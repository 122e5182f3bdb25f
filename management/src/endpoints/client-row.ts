import { localTimeText, type MessageCounts, type SessionView } from '@portico/core';
import type { z } from 'zod';
import type * as answers from '../answers.js';

const timeText = (milliseconds: number) => localTimeText(new Date(milliseconds));

/** A client as the API shows it: the fields of the reference, and `gateway`, `listener`, `state`, `details` of ours. */
export function clientRow(session: SessionView, node: string): z.output<typeof answers.clientRow> {
  return { node, ...identity(session), ...connection(session), ...load(session), ...passed(session) };
}

function identity({ client }: SessionView) {
  return {
    clientid: client.clientId,
    username: client.username ?? 'undefined',
    gateway: client.gateway,
    listener: client.listener,
    zone: client.zone ?? 'undefined',
    mountpoint: client.mountpoint === '' ? 'undefined' : client.mountpoint,
    proto_name: client.protocol,
    proto_ver: client.protocolVersion,
    is_bridge: false,
  };
}

function connection({ client, status, connected, createdAt, disconnectedAt, expiry }: SessionView) {
  return {
    connected,
    state: status.state,
    ip_address: status.peer.host,
    port: status.peer.port,
    ...(status.details !== undefined && { details: status.details }),
    connected_at: timeText(client.connectedAt),
    ...(disconnectedAt !== undefined && { disconnected_at: timeText(disconnectedAt) }),
    created_at: timeText(createdAt),
    keepalive: client.keepalive,
    clean_start: client.cleanStart,
    expiry_interval: expiry,
  };
}

function load({ options, statistics }: SessionView) {
  return {
    subscriptions_cnt: statistics.subscriptions,
    max_subscriptions: options.maxSubscriptions,
    inflight: statistics.inflight,
    max_inflight: options.maxInflight,
    mqueue_len: statistics.mqueueLength,
    max_mqueue: options.maxMqueueLen,
    mqueue_dropped: statistics.mqueueDropped,
    awaiting_rel: statistics.awaitingRel,
    max_awaiting_rel: options.maxAwaitingRel,
  };
}

const NO_MESSAGES: MessageCounts = { total: 0, qos1: 0, qos2: 0 };

/** What has passed its connection, nothing while there is none, and what was dropped. */
function passed({ traffic, drops }: SessionView) {
  const { connection, received = NO_MESSAGES, refused = 0, sent = NO_MESSAGES } = traffic ?? {};
  return {
    recv_oct: connection?.bytesReceived ?? 0,
    recv_cnt: connection?.reads ?? 0,
    recv_pkt: connection?.framesReceived ?? 0,
    recv_msg: received.total,
    'recv_msg.qos0': received.total - received.qos1 - received.qos2,
    'recv_msg.qos1': received.qos1,
    'recv_msg.qos2': received.qos2,
    'recv_msg.dropped': refused,
    send_oct: connection?.bytesSent ?? 0,
    send_cnt: connection?.writes ?? 0,
    send_pkt: connection?.framesSent ?? 0,
    send_msg: sent.total,
    'send_msg.qos0': sent.total - sent.qos1 - sent.qos2,
    'send_msg.qos1': sent.qos1,
    'send_msg.qos2': sent.qos2,
    'send_msg.dropped': drops.total,
    'send_msg.dropped.expired': drops.expired,
    'send_msg.dropped.queue_full': drops.queueFull,
    'send_msg.dropped.too_large': drops.tooLarge,
  };
}
