import { z } from 'zod';
import { checkedText, parsedText } from '../config/checked-text.js';
import { byteSize, duration, timeout } from '../config/units.js';
import type { PeerAddress, TransportType } from '../engine/client-info.js';
import type { DefaultListeners, WebSocketDefaults } from '../gateway/contract.js';
import { accessRuleError } from './access-rules.js';
import { parseBindAddress } from './bind-address.js';
import { checkDtls, dtlsShape } from './dtls/dtls-config.js';
import { certificateIdentityShape, checkIdentity, pskIdentityShape } from './identity/identity-config.js';
import { rateShape } from './rate-config.js';
import { checkTls, tlsShape } from './tls/tls-config.js';
import { parseMulticastGroup } from './udp/multicast-group.js';
import { originError, plainOrigin } from './websocket/origins.js';

/** Connections that a listener may have at a time, by kind. */
const MAX_CONNECTIONS = {
  tcp: 1_024_000,
  tls: 102_400,
  ws: 102_400,
  wss: 102_400,
  udp: 1_000_000,
  dtls: 100_000,
};

/** Where something listens: a port, or address and port. Port 0 takes any free one. */
export function bindAddress() {
  return z
    .union([z.string(), z.int()])
    .meta({ title: 'port, or address and port', examples: ['127.0.0.1:1883', '1883'] })
    .transform((value, context): PeerAddress => {
      const parsed = parseBindAddress(String(value));
      if (parsed.ok) return parsed.address;
      context.addIssue({ code: 'custom', message: parsed.error, input: value });
      return z.NEVER;
    });
}

const accessRule = () => checkedText(accessRuleError);

/** Keys that all listeners have. */
function commonShape(type: TransportType) {
  return {
    enable: z.boolean().default(true).describe('whether the listener is opened'),
    bind: bindAddress()
      .optional()
      .describe(
        'where to listen: 1883 (every IPv4 interface), 127.0.0.1:1883, localhost:1883 or [::1]:1883; port 0 for any. Not needed for a listener that the gateway has by default, which listens where it does then, nor where enable is false',
      ),
    zone: z
      .string()
      .optional()
      .describe("the zone of its clients: one of the gateway's zones, whose settings they get"),
    max_connections: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(MAX_CONNECTIONS[type])
      .describe('connections at a time; further peers are refused'),
    max_conn_rate: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(1000)
      .describe(
        type === 'udp' || type === 'dtls'
          ? 'new peers per second, and as many logins, since a peer can bring many clients; 0 for no limit'
          : 'new connections per second; 0 for no limit',
      ),
    access_rules: z
      .array(accessRule())
      .default(['allow all'])
      .describe(
        'addresses that may connect (behind a proxy: its own), such as "deny 192.168.0.1" or "allow 192.168.0.0/24"; the first rule that fits decides, and without one the address may',
      ),
    ...rateShape,
  };
}

const streamShape = {
  ...certificateIdentityShape,
  proxy_protocol: z
    .boolean()
    .default(false)
    .describe('whether a proxy in front sends a PROXY protocol header, version 1 or 2'),
  proxy_protocol_timeout: timeout('3s').describe('how long the PROXY header may take'),
  backlog: z
    .int()
    .min(1)
    .max(65535)
    .default(1024)
    .describe('new connections that may wait, in the operating system and again because of max_conn_rate'),
  send_timeout: timeout('15s').describe('how long a peer may take nothing of what is sent to it'),
  send_timeout_close: z.boolean().default(true).describe('whether the connection is closed then'),
  nodelay: z.boolean().default(true).describe('TCP_NODELAY: whether small pieces are sent at once'),
  tcp_keepalive: duration({ from: '1s', to: '1d', orZero: true })
    .prefault('10m')
    .describe(
      'a peer from which nothing came for this time is asked by the operating system whether it is still there, and is gone without an answer; protocols that have no keepalive, and clients that use none, need that. 0 for never',
    ),
};

/** Of a gateway without its own. */
const NO_WEB_SOCKET: WebSocketDefaults = { path: '/', protocols: [] };

/** The key of gateways that clients with SockJS come to; others do not have it. */
const sockJsShape = ({ sockjs = false }: WebSocketDefaults) => {
  const key = z
    .boolean()
    .default(true)
    .describe(
      'whether SockJS clients are served below path, over the WebSocket transports of SockJS: with its framing, which info below path offers them, and raw, at websocket below path',
    )
    .optional();
  return (sockjs ? { sockjs: key } : {}) as { readonly sockjs: typeof key };
};

const webSocketShape = (defaults: WebSocketDefaults) => ({
  path: z.string().startsWith('/').default(defaults.path).describe('path of the WebSocket endpoint'),
  supported_protocols: z
    .array(z.string().min(1))
    .default([...defaults.protocols])
    .describe('WebSocket sub-protocols that are spoken'),
  fail_if_no_subprotocol: z
    .boolean()
    .default(true)
    .describe('whether clients that name no sub-protocol are refused; WeChat mini programs name none'),
  ...sockJsShape(defaults),
  allowed_origins: z
    .array(checkedText(originError).transform(plainOrigin))
    .optional()
    .describe(
      'origins of the web pages that may connect, such as https://app.example, or "*" for any; when not given, any, but on a listener bound to loopback only those of this machine. Clients that are no browsers send none and may connect',
    ),
  max_frame_size: byteSize({ from: '1', to: '1GB' }).prefault('2MB').describe('largest WebSocket message'),
  compress: z
    .boolean()
    .default(false)
    .describe('whether messages may be compressed (permessage-deflate); costs about 300 KB per connection'),
  proxy_address_header: z
    .string()
    .optional()
    .describe(
      "HTTP header in which a proxy passes the client's address on, such as X-Forwarded-For; the proxy must replace what clients send",
    ),
  proxy_port_header: z
    .string()
    .optional()
    .describe("HTTP header in which a proxy passes the client's port on, such as X-Forwarded-Port"),
  idle_timeout: timeout('15s').describe('how long the WebSocket handshake may take'),
});

const datagramShape = {
  recbuf: byteSize({ from: '1KB', to: '1GB' })
    .prefault('1MB')
    .describe(
      "the operating system's receive buffer, for datagrams of all peers that come at a time; Linux gives no more than net.core.rmem_max",
    ),
  sndbuf: byteSize({ from: '1KB', to: '1GB' }).optional().describe("the operating system's send buffer"),
  reuse_address: z.boolean().default(false).describe('SO_REUSEADDR: whether others may bind the same port'),
};

const udpShape = {
  idle_timeout: duration({ from: '10ms', to: '30d', orZero: true })
    .prefault('5m')
    .describe(
      'after how long without a datagram in either direction a peer is forgotten, unless its protocol lets it be silent for longer; 0 for never',
    ),
  multicast_groups: z
    .array(parsedText(parseMulticastGroup).meta({ title: 'address, or address@interface' }))
    .default([])
    .describe(
      'multicast groups to join, such as 224.0.1.187, 224.0.1.187@192.0.2.1 (by the interface with that address) or ff02::fd@eth0; of the IP version of bind',
    ),
  ...datagramShape,
};

const securedShape = { ...tlsShape, ...pskIdentityShape };

const schemas = (webSocket: WebSocketDefaults) => ({
  tcp: z.strictObject({ ...commonShape('tcp'), ...streamShape }).superRefine(checkIdentity),
  tls: z
    .strictObject({ ...commonShape('tls'), ...streamShape, ...securedShape })
    .superRefine(checkTls)
    .superRefine(checkIdentity),
  ws: z
    .strictObject({ ...commonShape('ws'), ...streamShape, ...webSocketShape(webSocket) })
    .superRefine(checkIdentity),
  wss: z
    .strictObject({ ...commonShape('wss'), ...streamShape, ...securedShape, ...webSocketShape(webSocket) })
    .superRefine(checkTls)
    .superRefine(checkIdentity),
  udp: z.strictObject({ ...commonShape('udp'), ...udpShape }),
  dtls: z
    .strictObject({
      ...commonShape('dtls'),
      ...dtlsShape,
      ...certificateIdentityShape,
      ...pskIdentityShape,
      ...datagramShape,
    })
    .superRefine(checkDtls)
    .superRefine(checkIdentity),
});

type Schemas = ReturnType<typeof schemas>;

/** Configuration of a listener of which it is settled where it listens. */
type Bound<Config> = Omit<Config, 'bind'> & { readonly bind: PeerAddress };

/** Configuration of one listener, checked, by kind. */
export type ListenerConfigs = { readonly [type in TransportType]: Bound<z.output<Schemas[type]>> };
export type StreamListenerConfig = ListenerConfigs['tcp'];
export type WebSocketConfig = Omit<ListenerConfigs['ws'], keyof StreamListenerConfig>;
export type UdpListenerConfig = ListenerConfigs['udp'];
export type DtlsListenerConfig = ListenerConfigs['dtls'];

export type ListenerConfig = ListenerConfigs[TransportType];

/** The section `listeners` of a gateway: by kind, then by id. */
export type ListenersConfig = {
  readonly [type in TransportType]?: Readonly<Record<string, ListenerConfig>>;
};

/** A name that the operator gives to something. */
export const IDENTIFIER = z.string().regex(/^[A-Za-z0-9_-]+$/, 'an id of letters, digits, "_" and "-"');

/** Where a listener listens that is not opened. */
const NOWHERE: PeerAddress = { host: '127.0.0.1', port: 0 };

/** Whatever else is wrong with the listeners: all of it is told at once. */
const isSection = ({ value }: z.core.ParsePayload) => typeof value === 'object' && value !== null;

/**
 * A listener that is to be opened must say where, unless it is known.
 * @param listeners as far as they could be read
 */
function checkBind(
  listeners: Readonly<Record<string, Partial<ListenerConfig> | null>>,
  known: ReadonlyMap<string, PeerAddress>,
  context: z.RefinementCtx,
): void {
  const isReported = (id: string) =>
    context.issues.some(({ path = [] }) => path[0] === id && path[1] === 'bind');
  for (const [id, listener] of Object.entries(listeners)) {
    if (!listener?.enable || listener.bind !== undefined || known.has(id) || isReported(id)) continue;
    context.addIssue({ code: 'invalid_type', expected: 'string', path: [id, 'bind'], input: undefined });
  }
}

/** Schema of the listeners of one kind, by id. @param defaults those that there are by default */
function listenersSchema(
  schema: Schemas[TransportType],
  type: TransportType,
  defaults: DefaultListeners[TransportType] = {},
) {
  const known = new Map(Object.entries(defaults).map(([id, { bind }]) => [id, bindAddress().parse(bind)]));
  return z
    .record(IDENTIFIER, schema)
    .superRefine((listeners, context) => checkBind(listeners, known, context), { when: isSection })
    .overwrite((listeners) => {
      const bound = Object.entries(listeners).map(([id, listener]) => {
        const bind = listener.bind ?? known.get(id) ?? NOWHERE;
        return [id, { ...listener, bind }];
      });
      return Object.fromEntries(bound);
    })
    .optional()
    .describe(`${type} listeners, by id`);
}

/**
 * Schema of a gateway's `listeners`: `{ tcp: { <id>: { bind: … } } }`, with the kinds that the gateway can
 * have.
 * @param defaults what it has when the configuration says nothing about listeners
 * @param webSocket what its WebSocket listeners are like, if it can have any
 */
export function listenersConfigSchema(
  transports: readonly TransportType[],
  defaults: DefaultListeners,
  webSocket: WebSocketDefaults = NO_WEB_SOCKET,
): z.ZodType<ListenersConfig> {
  const byType = schemas(webSocket);
  const shape = Object.fromEntries(
    transports.map((type) => [type, listenersSchema(byType[type], type, defaults[type])]),
  );
  const known = Object.fromEntries(
    transports.filter((type) => defaults[type] !== undefined).map((type) => [type, defaults[type]]),
  );
  const schema = z.strictObject(shape).prefault(known).describe('where peers connect, by kind of listener');
  return schema as z.ZodType<ListenersConfig>;
}
