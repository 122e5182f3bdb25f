import { createSocket, type Socket } from 'node:dgram';
import type { LookupOneOptions } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { PeerAddress } from '../../engine/client-info.js';
import type { Timer } from '../../runtime/timers.js';
import { TokenBucket } from '../../runtime/token-bucket.js';
import { AccessRules } from '../access-rules.js';
import type { Accept, Listener, ListenerStatistics } from '../connection.js';
import { listenError } from '../listen-error.js';
import type { UdpListenerConfig } from '../listener-config.js';
import { connectionInfo, type ListenerContext, type ListenerIdentity } from '../listener-context.js';
import { plainAddress } from '../peer-address.js';
import { ListenerRecorder, type Refused } from '../statistics.js';
import { peerKey } from './peer-key.js';
import { UdpConnection, type UdpSite } from './udp-connection.js';

/** Bytes that may wait for the network before further datagrams are dropped. */
const MAX_SEND_QUEUE = 4 * 1024 * 1024;

/** A listener on a UDP port. Each peer, an address and a port, is a connection until it has been idle long enough. */
export class UdpListener implements Listener, UdpSite {
  readonly name: string;
  readonly idleTimeout: number;
  readonly #identity: ListenerIdentity;
  readonly #config: UdpListenerConfig;
  readonly #context: ListenerContext;
  readonly #recorder: ListenerRecorder;
  readonly #rules: AccessRules;
  /** For new peers. */
  readonly #rate: TokenBucket | undefined;
  readonly #loginRate: TokenBucket | undefined;
  readonly #peers = new Map<number | string, UdpConnection>();
  #address: PeerAddress;
  #socket: Socket | undefined;
  #closing = false;
  /** Some of what was sent last had to wait. */
  #queuing = false;

  constructor(identity: ListenerIdentity, config: UdpListenerConfig, context: ListenerContext) {
    this.name = identity.name;
    this.idleTimeout = config.idle_timeout;
    this.#identity = identity;
    this.#config = config;
    this.#context = context;
    this.#recorder = new ListenerRecorder(identity.name, config.max_connections, context);
    this.#rules = new AccessRules(config.access_rules);
    const rate = config.max_conn_rate;
    if (rate > 0) {
      this.#rate = new TokenBucket(context.clock, { burst: rate, perSecond: rate });
      this.#loginRate = new TokenBucket(context.clock, { burst: rate, perSecond: rate });
    }
    this.#address = config.bind;
  }

  get address(): PeerAddress {
    return this.#address;
  }

  get statistics(): ListenerStatistics {
    return this.#recorder.statistics;
  }

  async start(accept: Accept): Promise<void> {
    const { host, port } = this.#config.bind;
    try {
      const { address, family } = await lookup(host);
      this.#socket = this.#makeSocket(family === 6 ? 'udp6' : 'udp4');
      const listening = once(this.#socket, 'listening');
      this.#socket.bind({ address, port });
      await listening;
    } catch (cause) {
      this.#socket?.close();
      throw listenError(this.name, this.#config.bind, `${this.#identity.configKey}.bind`, cause);
    }
    const bound = this.#socket.address();
    this.#address = { host: bound.address, port: bound.port };
    this.#socket.on('error', (error) => this.#recorder.failed(error));
    this.#socket.on('message', (bytes, from) => this.#onDatagram(bytes, from.address, from.port, accept));
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#closeSocketWhenUnused();
  }

  /** There is nothing to read. */
  reload(): void {}

  admitsLogin(peer: PeerAddress): boolean {
    if (this.#loginRate?.take(1) !== false) return true;
    this.#recorder.refused('max_conn_rate', peer);
    return false;
  }

  now(): number {
    return this.#context.clock.monotonic();
  }

  arm(timer: Timer, delay: number): void {
    this.#context.timers.arm(timer, delay);
  }

  send(bytes: Buffer, { address, info }: UdpConnection): boolean {
    const socket = this.#socket;
    if (socket === undefined) return true;
    if (this.#queuing && socket.getSendQueueSize() > MAX_SEND_QUEUE) {
      this.#recorder.dropped('send_queue');
      return true;
    }
    socket.send(bytes, info.peer.port, address, this.#onSent);
    this.#queuing = socket.getSendQueueSize() > 0;
    return !this.#queuing;
  }

  announce(datagram: Buffer, { host, port }: PeerAddress): void {
    if (this.#closing) return;
    this.#socket?.setBroadcast(true);
    this.#socket?.send(datagram, port, host, this.#onSent);
  }

  forget(connection: UdpConnection, reason: string): void {
    this.#context.timers.cancel(connection);
    this.#peers.delete(peerKey(connection.address, connection.info.peer.port));
    this.#recorder.closed(reason);
    if (this.#closing) this.#closeSocketWhenUnused();
  }

  #makeSocket(type: 'udp4' | 'udp6'): Socket {
    const { recbuf, sndbuf, reuse_address } = this.#config;
    return createSocket({
      type,
      reuseAddr: reuse_address,
      ...(recbuf === undefined ? {} : { recvBufferSize: recbuf }),
      ...(sndbuf === undefined ? {} : { sendBufferSize: sndbuf }),
      lookup: useAddress,
    });
  }

  readonly #onSent = (error: Error | null): void => {
    if (error !== null) this.#recorder.dropped('send_error');
  };

  #onDatagram(bytes: Buffer, address: string, port: number, accept: Accept): void {
    const key = peerKey(address, port);
    let connection = this.#peers.get(key);
    if (connection === undefined) {
      const peer = { host: plainAddress(address), port };
      if (!this.#admits(peer)) return;
      connection = this.#open(peer, address, accept);
      if (!connection.closed) this.#peers.set(key, connection);
    }
    connection.receive(bytes);
  }

  #admits(peer: PeerAddress): boolean {
    if (peer.port === 0) {
      this.#recorder.dropped('port_zero');
      return false;
    }
    const refusal = this.#refusalOf(peer.host);
    if (refusal !== undefined) this.#recorder.refused(refusal, peer);
    return refusal === undefined;
  }

  #refusalOf(host: string): Refused | undefined {
    if (this.#closing) return 'listener_closed';
    if (!this.#rules.allows(host)) return 'access';
    if (this.#peers.size >= this.#config.max_connections) return 'max_connections';
    if (this.#rate?.take(1) === false) return 'max_conn_rate';
    return undefined;
  }

  #open(peer: PeerAddress, address: string, accept: Accept): UdpConnection {
    this.#recorder.opened();
    const info = connectionInfo(this.#identity, {
      peer,
      local: this.#address,
      certificate: undefined,
      serverName: undefined,
      pskIdentity: undefined,
      proven: undefined,
      subprotocol: undefined,
    });
    return new UdpConnection(info, address, this, accept);
  }

  #closeSocketWhenUnused(): void {
    if (this.#peers.size > 0) return;
    this.#socket?.close();
    this.#socket = undefined;
  }
}

/** Stands in for DNS: what is sent to is an address already. */
function useAddress(
  address: string,
  options: LookupOneOptions | number,
  found: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  found(null, address, typeof options === 'number' ? options : (options.family as number));
}
