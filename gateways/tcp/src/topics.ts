import { type ClientInfo, fillTopic } from '@portico/core';
import type { TcpConfig } from './config.js';

/** The two topics of one device, without mountpoint. */
export interface DeviceTopics {
  readonly up: string;
  readonly dn: string;
}

/** Fills in the configured topics; an error, in words for the device, when they cannot be made of its names. */
export function topicsOf(
  config: TcpConfig,
  client: Pick<ClientInfo, 'clientId' | 'username' | 'peer'>,
): DeviceTopics | { readonly error: string } {
  const values = { c: client.clientId, u: client.username, a: client.peer.host };
  const up = fillTopic(config.up_topic, values);
  const dn = fillTopic(config.dn_topic, values);
  if ('error' in up) return up;
  if ('error' in dn) return dn;
  return { up: up.topic, dn: dn.topic };
}
