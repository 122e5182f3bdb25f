import { z } from 'zod';

/**
 * What answers have in `data`: documented to programs by these schemas, and made as their types say. Names and words are
 * those of the reference, EMQX Enterprise 4.4; times without a unit are local, `2026-11-21 18:02:17`.
 */

const count = () => z.int().min(0);
const time = () => z.string().describe('local time: 2026-11-21 18:02:17');
/** Seconds since 1970, or a word for a time that never comes. */
const secondsOr = (word: string) => z.union([z.int(), z.literal(word)]);

export const endpointRow = z.strictObject({
  path: z.string().describe('below /api/v4'),
  name: z.string(),
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
  descr: z.string(),
});

const aboutShape = {
  node: z.string(),
  node_status: z.literal('Running'),
  otp_release: z.string().describe('version of Node.js and V8'),
  uptime: z.string().describe('4 days, 5 hours, 13 minutes, 11 seconds'),
  version: z.string(),
};

export const brokerRow = z.strictObject({ ...aboutShape, sysdescr: z.string(), datetime: time() });

/** @param memory how bytes are shown */
function nodeSchema<Memory extends z.ZodType>(memory: Memory) {
  return z.strictObject({
    ...aboutShape,
    connections: count().describe('sessions, connected or not'),
    live_connections: count(),
    load1: z.string(),
    load5: z.string(),
    load15: z.string(),
    max_fds: count(),
    memory_total: memory,
    memory_used: memory,
    process_available: count().describe('connections that all listeners take'),
    process_used: count(),
  });
}

export const nodeRow = nodeSchema(z.number().describe('bytes'));
export const listedNodeRow = nodeSchema(z.string().describe('96.75M, 1.50G'));

export const clientRow = z.strictObject({
  node: z.string(),
  clientid: z.string(),
  username: z.string().describe('undefined for none'),
  gateway: z.string().describe('mqtt, coap …'),
  listener: z.string().describe('mqtt:tcp:default'),
  zone: z.string().describe('undefined for none'),
  mountpoint: z.string().describe('undefined for none'),
  proto_name: z.string().describe('MQTT, CoAP …'),
  proto_ver: z.number(),
  is_bridge: z.boolean(),
  connected: z.boolean(),
  state: z.string().describe('in terms of its protocol: asleep …'),
  ip_address: z.string(),
  port: count(),
  details: z.record(z.string(), z.string()).optional().describe('what its protocol tells of it'),
  connected_at: time(),
  disconnected_at: time().optional(),
  created_at: time().describe('when its session began'),
  keepalive: count().describe('seconds'),
  clean_start: z.boolean(),
  expiry_interval: count().describe('seconds'),
  subscriptions_cnt: count(),
  max_subscriptions: count().describe('0 for no limit'),
  inflight: count(),
  max_inflight: count(),
  mqueue_len: count(),
  max_mqueue: count(),
  mqueue_dropped: count(),
  awaiting_rel: count(),
  max_awaiting_rel: count(),
  recv_oct: count().describe('bytes'),
  recv_cnt: count().describe('reads, or datagrams'),
  recv_pkt: count().describe('packets of its protocol'),
  recv_msg: count().describe('publications'),
  'recv_msg.qos0': count(),
  'recv_msg.qos1': count(),
  'recv_msg.qos2': count(),
  'recv_msg.dropped': count().describe('publications that were refused'),
  send_oct: count().describe('bytes'),
  send_cnt: count().describe('writes, or datagrams'),
  send_pkt: count().describe('packets of its protocol'),
  send_msg: count().describe('deliveries'),
  'send_msg.qos0': count(),
  'send_msg.qos1': count(),
  'send_msg.qos2': count(),
  'send_msg.dropped': count().describe('deliveries that were dropped since its session began'),
  'send_msg.dropped.expired': count(),
  'send_msg.dropped.queue_full': count(),
  'send_msg.dropped.too_large': count(),
});

export const aclCacheRow = z.strictObject({
  access: z.enum(['publish', 'subscribe']),
  topic: z.string(),
  result: z.enum(['allow', 'deny']),
  updated_time: z.int().describe('milliseconds since 1970'),
});

const qos = () => z.union([z.literal(0), z.literal(1), z.literal(2)]);

export const subscriptionRow = z.strictObject({
  node: z.string(),
  clientid: z.string(),
  topic: z.string().describe('with the mountpoint and $share/<group>/'),
  qos: qos(),
});

export const routeRow = z.strictObject({ topic: z.string(), node: z.string() });

const retainedShape = {
  topic: z.string(),
  qos: qos(),
  from_clientid: z.string(),
  publish_at: z.int().describe('seconds since 1970'),
  expires_at: secondsOr('infinity'),
  payload_size: count().describe('bytes'),
};

export const retainedRow = z.strictObject(retainedShape);
export const retainedMessage = z.strictObject({ ...retainedShape, payload: z.string().describe('Base64') });

export const counters = z.record(z.string(), z.number()).describe('by name');

const listenerShape = {
  identifier: z.string().describe('full name: mqtt:tcp:default'),
  protocol: z.string().describe('mqtt:tcp, mqtt:ws:8083, http:management …'),
  listen_on: z.string(),
  acceptors: count(),
  current_conns: count(),
  max_conns: count(),
  shutdown_count: z.array(counters).describe('reason and how many connections it has ended'),
  enabled: z.boolean(),
  running: z.boolean(),
  accepted: count(),
  refused: counters,
};

export const listenerRow = z.strictObject({ ...listenerShape, gateway: z.string().optional() });

const moduleShape = {
  name: z.string(),
  title: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  state: z.string(),
  error: z.string().nullable(),
};

export const moduleRow = z.strictObject({ ...moduleShape, type: z.string(), active: z.boolean() });

export const configRow = z.strictObject({
  key: z.string(),
  value: z.unknown(),
  origin: z.string().describe('file, line and column, or variable; or default'),
  pending: z
    .boolean()
    .describe('the hub runs by another value, until a reload or, where it needs one, a restart'),
  applies: z
    .string()
    .describe(
      'when a change of it holds: at once, new connections, listener restarts, gateway restarts, restart',
    ),
});

export const reloadOutcome = z.strictObject({
  changed: z.array(z.string()).describe('sections'),
  pending: z.array(z.string()).describe('keys whose values need a restart'),
  faults: z.array(z.string()).describe('why gateways go on as they were'),
});

export const moduleDetails = z.strictObject({
  ...moduleRow.shape,
  configs: z.array(configRow),
  schema: z.record(z.string(), z.unknown()).describe('JSON Schema of its configuration'),
});

const gatewayShape = { ...moduleShape, current_conns: count() };

export const gatewayRow = z.strictObject({ ...gatewayShape, listeners: z.array(z.string()) });
export const gatewayDetails = z.strictObject({ ...gatewayShape, listeners: z.array(listenerRow) });

export const alarmRow = z.strictObject({
  name: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
  activated: z.boolean(),
  activate_at: z.int().describe('microseconds since 1970'),
  deactivate_at: secondsOr('infinity').describe('microseconds since 1970'),
  duration: z.int().describe('microseconds'),
});

export const banRow = z.strictObject({
  who: z.string(),
  as: z.enum(['clientid', 'username', 'peerhost']),
  reason: z.string(),
  by: z.string(),
  at: z.int().describe('seconds since 1970'),
  until: secondsOr('infinity'),
});

export const appRow = z.strictObject({
  app_id: z.string(),
  name: z.string(),
  desc: z.string(),
  status: z.boolean(),
  expired: secondsOr('undefined'),
});

export const newApp = z.strictObject({ app_id: z.string(), secret: z.string() });

export const topicNumbers = counters.describe('messages.in.count, messages.in.rate …');
export const topicMetricsRow = z.strictObject({ topic: z.string(), metrics: topicNumbers });

export const exportRow = z.strictObject({
  filename: z.string(),
  size: count().describe('bytes'),
  created_at: time(),
});

export const exportFile = z.strictObject({ filename: z.string(), file: z.unknown() });

export const vmRow = z.strictObject({
  load: z
    .strictObject({ load1: z.number(), load5: z.number(), load15: z.number() })
    .describe('of the machine: processes that run or wait to, over 1, 5 and 15 minutes'),
  memory: z
    .strictObject({
      total: count().describe('all that is in memory'),
      heap_total: count().describe('what V8 has set aside for objects'),
      heap_used: count().describe('what of that is in use'),
      external: count().describe('what objects hold elsewhere, payloads above all'),
      array_buffers: count().describe('what of that is buffers'),
      other: count().describe('code, stacks, Node.js itself'),
    })
    .describe('bytes of the process'),
  process: z
    .strictObject({ limit: count(), count: count() })
    .describe('connections of clients, and how many there may be'),
  io: z
    .strictObject({ max_fds: count(), active_fds: count() })
    .describe('file descriptors; 0 where the system does not tell'),
  ports: z
    .strictObject({ limit: count(), count: count() })
    .describe('open sockets: listeners, and connections of streams'),
});

export const logLevel = z.strictObject({ level: z.string() });

export const logHandler = z.strictObject({
  id: z.string().describe('console, file, or error.file for what log.error.file is set to'),
  level: z
    .string()
    .describe('what it writes, and all that is worse, as far as the log level lets it through'),
  destination: z.string().describe('console, or the path of a file'),
  status: z.enum(['started', 'stopped']),
  lost: z.int().describe('lines that could not be written'),
  fault: z.string().optional().describe('why nothing can be written at present'),
});

export const batchResults = z.array(
  z.strictObject({
    topic: z.string().optional(),
    code: z.int(),
    message: z.string().optional(),
    warnings: z.array(z.string()).optional().describe('what should be known, though it was done'),
  }),
);
