import type { ClientInfo } from '../engine/client-info.js';
import { type ClientPolicy, DEFAULT_CLIENT_POLICY, type Entrance } from './client-policy.js';
import type { Credentials } from './types.js';

/** A client for tests: `c1`, without username, from 192.0.2.1, but for what is given. */
export function someClient(
  fields: Partial<Omit<ClientInfo, 'peer'>> & { address?: string } = {},
): ClientInfo {
  const { address = '192.0.2.1', ...rest } = fields;
  return {
    clientId: 'c1',
    username: undefined,
    protocol: 'MQTT',
    protocolVersion: 4,
    peer: { host: address, port: 50_000 },
    localPort: 1883,
    gateway: 'mqtt',
    listener: 'mqtt:tcp:default',
    zone: undefined,
    policy: DEFAULT_CLIENT_POLICY,
    mountpoint: '',
    isSuperuser: false,
    anonymous: false,
    certificate: undefined,
    keepalive: 60,
    cleanStart: true,
    sessionExpiry: 0,
    connectedAt: 0,
    ...rest,
  };
}

/** What a client shows, for tests: client id `c1` and nothing else, but for what is given. */
export function someCredentials(shown: {
  clientId?: string;
  username?: string;
  password?: string;
  host?: string;
}): Credentials {
  return {
    clientId: shown.clientId ?? 'c1',
    username: shown.username,
    password: shown.password === undefined ? undefined : Buffer.from(shown.password),
    peer: { host: shown.host ?? '127.0.0.1', port: 50_000 },
    localPort: 1883,
    protocol: 'MQTT',
    gateway: 'mqtt',
    listener: 'mqtt:tcp:default',
    certificate: undefined,
    proven: false,
  };
}

/** A listener, for tests: on loopback, of no zone, with what holds by default, but for what is given. */
export function someEntrance({
  loopback = true,
  ...policy
}: Partial<ClientPolicy> & { readonly loopback?: boolean } = {}): Entrance {
  return { zone: undefined, policy: { ...DEFAULT_CLIENT_POLICY, ...policy }, loopback };
}
