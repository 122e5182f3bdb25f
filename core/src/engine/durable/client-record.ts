import type { ClientPolicy } from '../../access/client-policy.js';
import type { ClientInfo } from '../client-info.js';

/** Who a client is, as stored: without its certificate, and without what its listener decides. */
export type StoredClient = Omit<ClientInfo, 'certificate' | 'policy' | 'sessionExpiry'>;

/** What of a client is stored, as a plain object for JSON. */
export function storedClient(client: ClientInfo): StoredClient {
  const { clientId, username, protocol, protocolVersion, peer, localPort, gateway, listener, zone } = client;
  const { mountpoint, isSuperuser, anonymous, keepalive, cleanStart, connectedAt } = client;
  return {
    clientId,
    username,
    protocol,
    protocolVersion,
    peer,
    localPort,
    gateway,
    listener,
    zone,
    mountpoint,
    isSuperuser,
    anonymous,
    keepalive,
    cleanStart,
    connectedAt,
  };
}

/**
 * @param policy how the hub treats it
 * @param sessionExpiry seconds that its session outlives its connection
 */
export function restoredClient(
  stored: StoredClient,
  policy: ClientPolicy,
  sessionExpiry: number,
): ClientInfo {
  const { username, zone } = stored;
  return { ...stored, username, zone, policy, certificate: undefined, sessionExpiry };
}
