import type { RemoteInfo } from 'node:dgram';
import type { PeerAddress } from '../../engine/client-info.js';
import type { Accept } from '../connection.js';
import { connectionInfo } from '../listener-context.js';
import { plainAddress } from '../peer-address.js';
import { DatagramListener } from './datagram-listener.js';
import { peerKey } from './peer-key.js';
import { UdpConnection } from './udp-connection.js';

/** A UDP peer's address as the operating system writes it. */
type Address = string;

/** A listener on a UDP port. Each peer is an address and a port. */
export class UdpListener extends DatagramListener<Address> {
  readonly #peers = new Map<number | string, UdpConnection<Address>>();

  send(bytes: Buffer, { route, info }: UdpConnection<Address>): boolean {
    return this.socket.send(bytes, info.peer.port, route);
  }

  /** There is nothing to read. */
  reload(): void {}

  announce(datagram: Buffer, to: PeerAddress): void {
    if (!this.admission.closing) this.socket.broadcast(datagram, to);
  }

  protected release({ route, info }: UdpConnection<Address>): void {
    this.#peers.delete(peerKey(route, info.peer.port));
  }

  protected receive(datagram: Buffer, { address, port }: RemoteInfo, accept: Accept): void {
    const key = peerKey(address, port);
    let connection = this.#peers.get(key);
    if (connection === undefined) {
      const peer = { host: plainAddress(address), port };
      if (!this.admission.admits(peer, this.#peers.size)) return;
      connection = this.#open(peer, address, accept);
      if (!connection.closed) this.#peers.set(key, connection);
    }
    connection.receive(datagram);
  }

  #open(peer: PeerAddress, address: Address, accept: Accept): UdpConnection<Address> {
    this.recorder.opened();
    const info = connectionInfo(this.identity, { peer, local: this.address, ...NOTHING_PROVEN });
    return new UdpConnection(info, address, this, accept);
  }
}

/** What nobody says of itself by a datagram. */
const NOTHING_PROVEN = {
  certificate: undefined,
  serverName: undefined,
  pskIdentity: undefined,
  rawPublicKey: undefined,
  proven: undefined,
  subprotocol: undefined,
};
