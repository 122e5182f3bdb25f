import type { Edition, FrameFields } from '@portico/codec-gbt32960';
import type { ConnectRequest, Peer, SessionHandler } from '@portico/core';
import type { Shared } from './shared.js';

/** Who logs in. */
export interface LoginNames {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Buffer | undefined;
}

/** What the hub is asked when somebody logs in. Commands do not wait for those who are away: sessions end with them. */
export function connectRequest(
  { clientId, username, password }: LoginNames,
  edition: Edition,
  { config, session }: Shared,
  peer: Peer<FrameFields>,
  handler: SessionHandler,
): ConnectRequest {
  return {
    clientId,
    username,
    password,
    protocol: 'GB/T 32960',
    protocolVersion: edition,
    connection: peer.info,
    mountpoint: config.mountpoint,
    keepalive: Math.ceil(config.keepalive / 1000),
    cleanStart: true,
    sessionExpiry: 0,
    options: session,
    mergeOverlapping: false,
    retransmits: false,
    handler,
  };
}
