import type { DtlsCloseReason, DtlsSession, DtlsSessionHandler, Endpoint } from '@portico/dtls';
import type { PeerAddress } from '../../engine/client-info.js';
import { movePeer } from '../listener-context.js';
import { plainAddress } from '../peer-address.js';
import { UdpConnection } from '../udp/udp-connection.js';

/** A DTLS session as a connection. */
export class DtlsConnection extends UdpConnection<DtlsSession> implements DtlsSessionHandler {
  onData(bytes: Buffer): void {
    this.receive(bytes);
  }

  onMoved(): void {
    movePeer(this.info, peerOf(this.route.endpoint));
  }

  onClose(reason: DtlsCloseReason): void {
    this.lost(reason);
  }
}

/** Where a peer is. @param endpoint never undefined on a server */
export function peerOf(endpoint: Endpoint | undefined): PeerAddress {
  if (endpoint === undefined) throw new TypeError('a session of a DTLS server without an endpoint');
  return { host: plainAddress(endpoint.address), port: endpoint.port };
}
