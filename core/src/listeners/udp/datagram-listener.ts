import type { RemoteInfo } from 'node:dgram';
import type { PeerAddress } from '../../engine/client-info.js';
import type { Timer } from '../../runtime/timers.js';
import type { Accept, Listener, ListenerLimits, ListenerStatistics } from '../connection.js';
import type { UdpListenerConfig } from '../listener-config.js';
import type { ListenerContext, ListenerIdentity } from '../listener-context.js';
import { ListenerRecorder } from '../statistics.js';
import { PeerAdmission } from './peer-admission.js';
import type { UdpConnection, UdpSite } from './udp-connection.js';
import { UdpSocket } from './udp-socket.js';

/** What listeners on UDP and on DTLS are both told. */
type DatagramListenerConfig = Pick<
  UdpListenerConfig,
  | 'bind'
  | 'recbuf'
  | 'sndbuf'
  | 'reuse_address'
  | 'access_rules'
  | 'max_connections'
  | 'max_conn_rate'
  | 'idle_timeout'
>;

/**
 * A listener with one socket for all its peers, each of which is a connection until it has been idle long enough.
 * @typeParam Route how a peer is reached: by its address, or by its DTLS session
 */
export abstract class DatagramListener<Route> implements Listener, UdpSite<Route> {
  readonly name: string;
  readonly idleTimeout: number;
  protected readonly identity: ListenerIdentity;
  protected readonly context: ListenerContext;
  protected readonly recorder: ListenerRecorder;
  protected readonly admission: PeerAdmission;
  protected readonly socket: UdpSocket;

  constructor(identity: ListenerIdentity, config: DatagramListenerConfig, context: ListenerContext) {
    this.name = identity.name;
    this.idleTimeout = config.idle_timeout;
    this.identity = identity;
    this.context = context;
    this.recorder = new ListenerRecorder(identity.name, config.max_connections, context);
    this.admission = new PeerAdmission(config, context.clock, this.recorder);
    this.socket = new UdpSocket(identity, config, this.recorder);
  }

  abstract send(bytes: Buffer, connection: UdpConnection<Route>): boolean;
  abstract reload(): void;
  /** A datagram of whichever peer; its memory is its own. */
  protected abstract receive(datagram: Buffer, from: RemoteInfo, accept: Accept): void;
  /** Ends what is left of a connection. */
  protected abstract release(connection: UdpConnection<Route>): void;

  get address(): PeerAddress {
    return this.socket.address;
  }

  get statistics(): ListenerStatistics {
    return this.recorder.statistics;
  }

  start(accept: Accept): Promise<void> {
    return this.socket.open((datagram, from) => this.receive(datagram, from, accept));
  }

  async close(): Promise<void> {
    this.admission.closing = true;
    if (this.recorder.connections === 0) this.closeSocket();
  }

  adjust(limits: ListenerLimits): void {
    this.admission.adjust(limits);
    this.recorder.maxConnections = limits.max_connections;
  }

  admitsLogin(peer: PeerAddress): boolean {
    return this.admission.admitsLogin(peer);
  }

  now(): number {
    return this.context.clock.monotonic();
  }

  arm(timer: Timer, delay: number): void {
    this.context.timers.arm(timer, delay);
  }

  forget(connection: UdpConnection<Route>): void {
    this.context.timers.cancel(connection);
    this.release(connection);
    this.recorder.closed();
    if (this.admission.closing && this.recorder.connections === 0) this.closeSocket();
  }

  /** Called once no connection is left, and there will be no more. */
  protected closeSocket(): void {
    this.socket.close();
  }
}
