import { isDeepStrictEqual } from 'node:util';
import { ownPolicyShape } from '../access/client-policy.js';
import type { ListenerConfig } from '../listeners/listener-config.js';
import { ownRateShape, rateShape } from '../listeners/rate-config.js';
import { type GatewayConfig, zoneConfig } from './gateway-config.js';

/** Keys of a gateway or zone that are looked at for each new connection. */
const ENTRANCE_KEYS = [...Object.keys(ownPolicyShape), ...Object.keys(ownRateShape)];

/** Keys of a listener that are looked at for each new connection. */
const LIMIT_KEYS = ['max_connections', 'max_conn_rate', 'access_rules', ...Object.keys(rateShape)];

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
