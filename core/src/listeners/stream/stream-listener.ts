import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { isLoopbackAddress } from '../../access/ip-range.js';
import type { ConnectionInfo, PeerAddress } from '../../engine/client-info.js';
import { AccessRules } from '../access-rules.js';
import type { Accept, Listener, ListenerLimits, ListenerStatistics } from '../connection.js';
import { ConnectionRate } from '../connection-rate.js';
import { listenError } from '../listen-error.js';
import type { StreamListenerConfig } from '../listener-config.js';
import { connectionInfo, type ListenerContext, type ListenerIdentity } from '../listener-context.js';
import { looksLikeProxyHeader } from '../proxy-protocol/reader.js';
import { ListenerRecorder } from '../statistics.js';
import { type Arrival, Arrivals, type Stage } from './arrivals.js';
import type { ConnectionSite } from './connection-site.js';
import { ProxyStage } from './proxy-stage.js';
import { acceptShared } from './shared-reading.js';

/** Bound to these, a listener accepts at every address of the machine. */
const ANY_ADDRESS = ['0.0.0.0', '::'];

/**
 * Makes the stages behind the PROXY header. Called at start.
 * @throws PorticoError when something that they need, such as a certificate, is not there
 */
export type StageFactory = (site: ConnectionSite, arrivals: Arrivals) => Stage;

/**
 * A listener on a TCP port. All kinds, from plain TCP to WebSocket over TLS, let peers in here: access rules,
 * then max_connections, then max_conn_rate; then the stages of the kind take over.
 */
export class StreamListener implements Listener {
  readonly name: string;
  readonly #identity: ListenerIdentity;
  readonly #config: StreamListenerConfig;
  readonly #context: ListenerContext;
  readonly #makeStage: StageFactory;
  readonly #recorder: ListenerRecorder;
  readonly #arrivals: Arrivals;
  #limits: ListenerLimits;
  #rules: AccessRules;
  #rate: ConnectionRate<Arrival> | undefined;
  readonly #server: Server;
  #stage: Stage | undefined;
  #address: PeerAddress;

  constructor(
    identity: ListenerIdentity,
    config: StreamListenerConfig,
    context: ListenerContext,
    makeStage: StageFactory,
  ) {
    this.name = identity.name;
    this.#identity = identity;
    this.#config = config;
    this.#context = context;
    this.#limits = config;
    this.#makeStage = makeStage;
    this.#recorder = new ListenerRecorder(identity.name, config.max_connections, context);
    this.#arrivals = new Arrivals(this.#recorder, context.timers);
    this.#rules = new AccessRules(config.access_rules);
    this.#rate = this.#makeRate();
    this.#address = config.bind;
    this.#server = createServer({
      pauseOnConnect: true,
      allowHalfOpen: true,
      noDelay: config.nodelay,
      keepAlive: config.tcp_keepalive > 0,
      keepAliveInitialDelay: config.tcp_keepalive,
    });
    this.#server.on('connection', (socket) => this.#onSocket(socket));
  }

  get address(): PeerAddress {
    return this.#address;
  }

  get statistics(): ListenerStatistics {
    return this.#recorder.statistics;
  }

  async start(accept: Accept): Promise<void> {
    const { proxy_protocol, proxy_protocol_timeout } = this.#config;
    const stage = this.#makeStage(this.#site(accept), this.#arrivals);
    this.#stage = proxy_protocol ? new ProxyStage(this.#arrivals, proxy_protocol_timeout, stage) : stage;
    await this.#listen();
    this.#server.on('error', (error) => this.#recorder.failed(error));
  }

  async close(): Promise<void> {
    this.#rate?.clear();
    this.#server.close();
    this.#arrivals.refuseAll('listener_closed');
  }

  reload(): void {
    this.#stage?.reload?.();
  }

  get certificatesEnd(): number | undefined {
    return this.#stage?.certificatesEnd;
  }

  async #listen(): Promise<void> {
    const { bind, backlog } = this.#config;
    try {
      this.#server.listen({ host: bind.host, port: bind.port, backlog });
      await once(this.#server, 'listening');
    } catch (cause) {
      throw listenError(this.name, bind, `${this.#identity.configKey}.bind`, cause);
    }
    const bound = this.#server.address();
    if (bound !== null && typeof bound === 'object') {
      this.#address = { host: bound.address, port: bound.port };
      if (!ANY_ADDRESS.includes(bound.address)) this.#arrivals.boundTo = this.#address;
    }
    if (this.#plain) this.#acceptShared();
  }

  #acceptShared(): void {
    const { nodelay: noDelay, tcp_keepalive: keepAlive } = this.#config;
    acceptShared(this.#server, { noDelay, keepAlive }, (socket) => this.#onSocket(socket));
  }

  adjust(limits: ListenerLimits): void {
    const rateBefore = this.#limits.max_conn_rate;
    this.#limits = limits;
    this.#rules = new AccessRules(limits.access_rules);
    this.#recorder.maxConnections = limits.max_connections;
    if (limits.max_conn_rate === rateBefore) return;
    this.#rate?.release();
    this.#rate = this.#makeRate();
  }

  #makeRate(): ConnectionRate<Arrival> | undefined {
    const { max_conn_rate: perSecond } = this.#limits;
    const { clock, timers } = this.#context;
    if (perSecond === 0) return undefined;
    const letIn = (arrival: Arrival) => this.#letIn(arrival);
    return new ConnectionRate(clock, timers, perSecond, this.#config.backlog, letIn);
  }

  #onSocket(socket: Socket): void {
    const arrival = this.#arrivals.add(socket);
    if (arrival === undefined) return;
    const present = this.#arrivals.size + this.#recorder.connections;
    if (!this.#rules.allows(arrival.peer.host)) this.#arrivals.refuse(arrival, 'access');
    else if (present > this.#limits.max_connections) this.#arrivals.refuse(arrival, 'max_connections');
    else if (this.#rate === undefined) this.#letIn(arrival);
    else if (!this.#rate.enter(arrival)) this.#arrivals.refuse(arrival, 'max_conn_rate');
    this.#arrivals.watch(arrival);
  }

  /** Whether nothing stands between the accepted socket and the connection. */
  get #plain(): boolean {
    return this.#identity.transport === 'tcp' && !this.#config.proxy_protocol;
  }

  #letIn(arrival: Arrival): void {
    if (!arrival.socket.destroyed) this.#stage?.enter(arrival);
  }

  #site(accept: Accept): ConnectionSite {
    const { send_timeout, send_timeout_close, proxy_protocol } = this.#config;
    return {
      timers: this.#context.timers,
      sendTimeout: send_timeout,
      sendTimeoutCloses: send_timeout_close,
      accept,
      isLoopback: () => isLoopbackAddress(this.#address.host),
      enlist: (arrival, subprotocol) => this.#enlist(arrival, subprotocol),
      isStrayProxyHeader: (bytes, peer) => {
        const stray = !proxy_protocol && looksLikeProxyHeader(bytes);
        if (stray) this.#recorder.strayProxyHeader(peer);
        return stray;
      },
      connectionClosed: () => this.#recorder.closed(),
    };
  }

  #enlist(arrival: Arrival, subprotocol: string | undefined): ConnectionInfo | undefined {
    if (!this.#arrivals.release(arrival)) return undefined;
    this.#recorder.opened();
    const { peer, local, certificate, serverName, pskIdentity, proven } = arrival;
    return connectionInfo(this.#identity, {
      peer,
      local,
      certificate,
      serverName,
      pskIdentity,
      rawPublicKey: undefined,
      proven,
      subprotocol,
    });
  }
}
