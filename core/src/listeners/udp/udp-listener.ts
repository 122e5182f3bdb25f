import type { RemoteInfo } from 'node:dgram';
import { isIPv4, isIPv6 } from 'node:net';
import type { ConnectionInfo, PeerAddress } from '../../engine/client-info.js';
import type { Accept, AnswerMulticast } from '../connection.js';
import { listenError } from '../listen-error.js';
import type { UdpListenerConfig } from '../listener-config.js';
import {
  connectionInfo,
  type ListenerContext,
  type ListenerIdentity,
  NOTHING_PROVEN,
} from '../listener-context.js';
import { plainAddress } from '../peer-address.js';
import { DatagramListener } from './datagram-listener.js';
import type { MulticastGroup } from './multicast-group.js';
import { MulticastListener, type MulticastSite } from './multicast-listener.js';
import { peerKey } from './peer-key.js';
import { UdpConnection } from './udp-connection.js';

/** A UDP peer's address as the operating system writes it. */
type Address = string;

/** A listener on a UDP port. Each peer is an address and a port. */
export class UdpListener extends DatagramListener<Address> {
  readonly #config: UdpListenerConfig;
  readonly #peers = new Map<number | string, UdpConnection<Address>>();
  #multicast: MulticastListener | undefined;
  /** There once it is open. */
  #accept: Accept | undefined;

  constructor(identity: ListenerIdentity, config: UdpListenerConfig, context: ListenerContext) {
    super(identity, config, context);
    this.#config = config;
  }

  override async start(accept: Accept): Promise<void> {
    await super.start(accept);
    this.#accept = accept;
  }

  send(bytes: Buffer, { route, info }: UdpConnection<Address>): boolean {
    return this.socket.send(bytes, info.peer.port, route);
  }

  /** There is nothing to read. */
  reload(): void {}

  announce(datagram: Buffer, to: PeerAddress): void {
    if (!this.admission.closing) this.socket.broadcast(datagram, to);
  }

  async joinGroups(answer: AnswerMulticast): Promise<void> {
    const { multicast_groups: groups } = this.#config;
    if (groups.length === 0) return;
    const site: MulticastSite = {
      timers: this.context.timers,
      admits: ({ host, port }) => this.admission.allows({ host: plainAddress(host), port }),
      answer: (datagram, { host, port }) => this.socket.send(datagram, port, host),
      overrun: () => this.recorder.dropped('multicast'),
    };
    this.#multicast = new MulticastListener(site, answer);
    for (const group of groups) await this.#join(this.#multicast, group);
  }

  async #join(multicast: MulticastListener, group: MulticastGroup): Promise<void> {
    const { port } = this.address;
    const { address: host } = group;
    try {
      if (isIPv6(host) !== isIPv6(this.address.host)) throw new Error('the listener has another IP version');
      await multicast.join(group, port);
    } catch (cause) {
      throw listenError(this.name, { host, port }, `${this.identity.configKey}.multicast_groups`, cause);
    }
  }

  override async close(): Promise<void> {
    this.#multicast?.close();
    await super.close();
  }

  protected release({ route, info }: UdpConnection<Address>): void {
    this.#peers.delete(peerKey(route, info.peer.port));
  }

  protected receive(datagram: Buffer, { address, port }: RemoteInfo, accept: Accept): void {
    const connection = this.#peers.get(peerKey(address, port)) ?? this.#open(address, port, accept);
    connection?.receive(datagram);
  }

  reach({ host, port }: PeerAddress): ConnectionInfo | undefined {
    if (this.#accept === undefined || port === 0) return undefined;
    const address = isIPv4(host) && isIPv6(this.address.host) ? `::ffff:${host}` : host;
    const connection = this.#peers.get(peerKey(address, port)) ?? this.#open(address, port, this.#accept);
    return connection?.closed === false ? connection.info : undefined;
  }

  /** Undefined for a peer that may not come in. */
  #open(address: Address, port: number, accept: Accept): UdpConnection<Address> | undefined {
    const peer = { host: plainAddress(address), port };
    if (!this.admission.admits(peer, this.#peers.size)) return undefined;
    this.recorder.opened();
    const info = connectionInfo(this.identity, { peer, local: this.address, ...NOTHING_PROVEN });
    const connection = new UdpConnection(info, address, this, accept);
    if (!connection.closed) this.#peers.set(peerKey(address, port), connection);
    return connection;
  }
}
