import { isDeepStrictEqual } from 'node:util';
import { ownPolicyShape } from '../access/client-policy.js';
import type { GatewayDefinition } from '../gateway/contract.js';
import type { ListenerConfig } from '../listeners/listener-config.js';
import { ownRateShape, rateShape } from '../listeners/rate-config.js';
import { type GatewayConfig, zoneConfig } from './gateway-config.js';

/** Keys of a gateway or zone that are looked at for each new connection. */
const ENTRANCE_KEYS = [...Object.keys(ownPolicyShape), ...Object.keys(ownRateShape)];

/** Keys of a listener that are looked at for each new connection. */
const LIMIT_KEYS = ['max_connections', 'max_conn_rate', 'access_rules', ...Object.keys(rateShape)];

/**
 * When a change of a key holds, and what it costs:
 *
 * - `at once`: for everybody, and connections stay.
 * - `new connections`: for those that are made afterwards; those that there are stay as they are.
 * - `listener restarts`, `gateway restarts`: at once; the connections of the listener, or of the gateway, end.
 * - `restart`: only the next start of the hub reads it.
 */
export type ChangeEffect =
  | 'at once'
  | 'new connections'
  | 'listener restarts'
  | 'gateway restarts'
  | 'restart';

/** The effect of a change in a gateway's section. @param path below `gateways.<name>` */
export function gatewayEffect(
  { independentConnections }: Pick<GatewayDefinition, 'independentConnections'>,
  path: readonly string[],
): ChangeEffect {
  const [key = '', ...below] = path;
  if (key === 'enable') return 'gateway restarts';
  if (key === 'listeners')
    return LIMIT_KEYS.includes(below[2] ?? '') ? 'new connections' : 'listener restarts';
  const own = key === 'zones' ? (below[1] ?? '') : key;
  return independentConnections || ENTRANCE_KEYS.includes(own) ? 'new connections' : 'gateway restarts';
}

/**
 * Whether a gateway has to be made anew for a changed section: where one of its own keys differs, itself or for a zone.
 * What the keys of its listeners ask for is told by {@link listenerEffect}.
 */
export function needsNewGateway(before: GatewayConfig, after: GatewayConfig): boolean {
  const zones = new Set([undefined, ...Object.keys(before.zones ?? {}), ...Object.keys(after.zones ?? {})]);
  return [...zones].some((zone) => !isDeepStrictEqual(ownKeys(before, zone), ownKeys(after, zone)));
}

/** What a gateway is created with for a zone, without what the hub sees to. */
function ownKeys(section: GatewayConfig, zone: string | undefined): object {
  const { enable: _enable, listeners: _listeners, zones: _zones, ...keys } = zoneConfig(section, zone);
  return without(keys, ENTRANCE_KEYS);
}

/**
 * What a changed section asks of a listener that is open:
 *
 * - `none`: it goes on as it is.
 * - `limits`: it goes on with its connections, and new ones meet other limits.
 * - `restart`: it is closed, with its connections, and opened again.
 */
export type ListenerEffect = 'none' | 'limits' | 'restart';

export function listenerEffect(before: ListenerConfig, after: ListenerConfig): ListenerEffect {
  if (isDeepStrictEqual(before, after)) return 'none';
  return isDeepStrictEqual(without(before, LIMIT_KEYS), without(after, LIMIT_KEYS)) ? 'limits' : 'restart';
}

function without(section: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(section).filter(([key]) => !keys.includes(key)));
}
