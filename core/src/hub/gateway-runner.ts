import { clientPolicy, type Entrance } from '../access/client-policy.js';
import { isLoopbackAddress } from '../access/ip-range.js';
import type { PresharedKeys } from '../access/psk-lookup.js';
import type { Rate } from '../config/units.js';
import type { PeerAddress } from '../engine/client-info.js';
import type { Engine } from '../engine/engine.js';
import type { ConnectionInfo, ConnectRequest, ConnectResult, TransportType } from '../engine/types.js';
import type { Channel, Codec, Gateway, GatewayContext, GatewayDefinition } from '../gateway/contract.js';
import { DatagramLink } from '../gateway/datagram-link.js';
import { GatewayStorage } from '../gateway/gateway-storage.js';
import type { Link, LinkServices } from '../gateway/link.js';
import type { LinkLimits } from '../gateway/pauses.js';
import { StreamLink } from '../gateway/stream-link.js';
import type { Connection, ConnectionHandler, Listener } from '../listeners/connection.js';
import { createListener } from '../listeners/create-listener.js';
import { provesIdentity } from '../listeners/identity/identity-config.js';
import type { ListenerConfig } from '../listeners/listener-config.js';
import { connectionInfo, NOTHING_PROVEN } from '../listeners/listener-context.js';
import type { RateSettings } from '../listeners/rate-config.js';
import type { MaybePromise } from '../runtime/maybe-promise.js';
import type { Metrics } from '../runtime/metrics.js';
import { Timer } from '../runtime/timers.js';
import { TokenBucket } from '../runtime/token-bucket.js';
import { type GatewayConfig, zoneConfig } from './gateway-config.js';

export interface RunnerServices {
  readonly node: string;
  readonly engine: Engine;
  readonly metrics: Metrics;
  readonly links: LinkServices;
  readonly psk: PresharedKeys | undefined;
}

/** Takes the place of a link that could not be made. */
const DEAF: ConnectionHandler = { onData() {}, onWritable() {}, onClose() {} };

/** A listener that is to be opened. */
interface ListenerPlan {
  /** Full name. */
  readonly name: string;
  /** Path of its section of the configuration. */
  readonly key: string;
  readonly transport: TransportType;
  readonly config: ListenerConfig;
}

/** Where clients come in. */
interface Door {
  readonly listener: Listener;
  readonly entrance: Entrance;
  readonly transport: TransportType;
}

type AnyGateway = Gateway<unknown, unknown>;
type AnyLink = Link<unknown, unknown>;

/** Milliseconds that peers get to take the farewell before their connections are cut. */
const FAREWELL = 2000;

/**
 * One gateway's life: creates it, once for each zone in use, opens its listeners, joins each connection with a
 * codec and a channel, and takes it all down again. See {@link GatewayDefinition}.
 */
export class GatewayRunner {
  readonly definition: GatewayDefinition;
  readonly #config: GatewayConfig;
  readonly #services: RunnerServices;
  readonly #links = new Map<ConnectionInfo, AnyLink>();
  /** By full name of the listener. */
  readonly #doors = new Map<string, Door>();
  /** Connections of clients that were there before the hub started, see {@link GatewayContext.formerConnection}. */
  readonly #former = new WeakSet<ConnectionInfo>();
  #listeners: Listener[] = [];
  /** One for each zone in use, and one for the listeners without a zone; undefined while it does not run. */
  #gateways: Map<string | undefined, AnyGateway> | undefined;
  #onEmpty: (() => void) | undefined;
  /** Of the listeners that make their gateway known. */
  readonly #announcing: Timer[] = [];

  constructor(definition: GatewayDefinition, config: GatewayConfig, services: RunnerServices) {
    this.definition = definition;
    this.#config = config;
    this.#services = services;
  }

  get running(): boolean {
    return this.#gateways !== undefined;
  }

  /** Those that accept. */
  get listeners(): readonly Listener[] {
    return this.#listeners;
  }

  /** What it runs as: one for each zone in use, and one for the listeners without a zone; none while it does not run. */
  get gateways(): readonly AnyGateway[] {
    return [...(this.#gateways?.values() ?? [])];
  }

  get connections(): number {
    return this.#links.size;
  }

  /**
   * Returns early when the gateway is stopped meanwhile.
   * @throws PorticoError when a listener cannot be opened; nothing of the gateway runs then
   */
  async start(): Promise<void> {
    const gateways = new Map<string | undefined, AnyGateway>();
    this.#gateways = gateways;
    const context = this.#context();
    try {
      const plans = this.#listenerPlans();
      await this.#prepare(plans, gateways, context);
      if (this.#gateways !== gateways) return;
      for (const plan of plans) {
        const { config, transport } = plan;
        const listener = this.#createListener(plan);
        const gateway = this.#gatewayOf(config.zone, gateways, context);
        const rates = this.#rates(config);
        await listener.start((connection) => this.#accept(gateway, connection, rates));
        if (gateway.answerMulticast !== undefined) await listener.joinGroups?.(gateway.answerMulticast);
        if (this.#gateways !== gateways) return await listener.close();
        this.#listeners.push(listener);
        const entrance = this.#entrance(listener, config.zone);
        this.#doors.set(listener.name, { listener, entrance, transport });
        gateway.opened?.(listener.name);
        this.#announce(gateway, listener);
        if (!provesIdentity(config)) this.#warnOfClosedDoor(listener.name, entrance);
      }
    } catch (error) {
      if (this.#gateways === gateways) await this.stop();
      throw error;
    }
  }

  /** A listener that proves nobody's identity, and by which nobody can come in, is hardly what was meant. */
  #warnOfClosedDoor(listener: string, { policy, loopback }: Entrance): void {
    const { access, log } = this.#services.engine;
    if (policy.bypassAuthentication || (policy.allowAnonymous ?? loopback)) return;
    if (access.authenticators.length > 0 || access.enhancedAuthenticators.length > 0) return;
    const advice = 'add access.users, or write down access.allow_anonymous: true';
    log.warn({ listener }, `all clients are refused here: ${advice}`);
  }

  /** Closes the listeners, says goodbye to every peer, and lets the gateway go. */
  async stop(): Promise<void> {
    const gateways = this.#gateways;
    if (gateways === undefined) return;
    this.#gateways = undefined;
    const closing = this.#listeners.map((listener) => listener.close());
    this.#listeners = [];
    for (const timer of this.#announcing.splice(0)) this.#services.links.timers.cancel(timer);
    for (const link of [...this.#links.values()]) link.shutdown();
    await this.#linksGone();
    await Promise.all(closing);
    this.#doors.clear();
    for (const gateway of gateways.values()) gateway.stop?.();
  }

  #announce({ announcement }: AnyGateway, listener: Listener): void {
    if (announcement === undefined || listener.announce === undefined) return;
    const { timers } = this.#services.links;
    const { datagram, to, interval } = announcement;
    const timer = new Timer(() => {
      listener.announce?.(datagram, to);
      timers.arm(timer, interval);
    });
    this.#announcing.push(timer);
    timer.fire();
  }

  #linksGone(): Promise<void> {
    if (this.#links.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const { timers } = this.#services.links;
      const cut = timers.after(FAREWELL, () => {
        for (const link of [...this.#links.values()]) link.destroy();
      });
      this.#onEmpty = () => {
        this.#onEmpty = undefined;
        timers.cancel(cut);
        resolve();
      };
    });
  }

  #context(): GatewayContext {
    const { node, engine, metrics, links } = this.#services;
    const { name } = this.definition;
    return {
      name,
      node,
      clock: links.clock,
      timers: links.timers,
      metrics,
      log: links.log.child({ gateway: name }),
      storage: new GatewayStorage(engine.store, name),
      sessionSince: (clientId) => engine.sessions.get(clientId)?.createdAt,
      forgetRetained: (topic) => engine.retained.delete(topic),
      connect: (request) => this.#connect(request),
      startAuthentication: (method, client) => {
        const door = this.#doors.get(client.connection.listener);
        return door && engine.startAuthentication(method, client, door.entrance);
      },
      formerConnection: (listener, peer) => this.#formerConnection(listener, peer),
      reach: (listener, peer) => this.#reach(listener, peer),
    };
  }

  #connect(request: ConnectRequest): MaybePromise<ConnectResult> {
    const { connection } = request;
    const door = this.#doors.get(connection.listener);
    // The gateway was stopped while something of the client was still under way.
    if (door === undefined) return { ok: false, refusal: 'server_unavailable' };
    this.#links.get(connection)?.introduced();
    const isLogin = !this.#former.has(connection);
    if (isLogin && door.listener.admitsLogin?.(connection.peer) === false) {
      return { ok: false, refusal: 'server_busy' };
    }
    return this.#services.engine.connect(request, door.entrance);
  }

  #formerConnection(name: string, peer: PeerAddress): ConnectionInfo | undefined {
    const door = this.#doors.get(name);
    if (door === undefined) return undefined;
    const { transport, listener } = door;
    const facts = { peer, local: listener.address, ...NOTHING_PROVEN };
    const connection = connectionInfo({ name, gateway: this.definition.name, transport }, facts);
    this.#former.add(connection);
    return connection;
  }

  #reach(name: string, peer: PeerAddress): Channel<never> | undefined {
    const connection = this.#doors.get(name)?.listener.reach?.(peer);
    return connection && this.#links.get(connection)?.channel;
  }

  #gatewayOf(
    zone: string | undefined,
    gateways: Map<string | undefined, AnyGateway>,
    context: GatewayContext,
  ): AnyGateway {
    let gateway = gateways.get(zone);
    if (gateway === undefined) {
      gateway = this.definition.create(context, zoneConfig(this.#config, zone));
      gateways.set(zone, gateway);
    }
    return gateway;
  }

  #entrance(listener: Listener, zone: string | undefined): Entrance {
    const { policy } = this.#services.engine.access;
    return {
      zone,
      policy: clientPolicy(zoneConfig(this.#config, zone), policy.clients),
      loopback: isLoopbackAddress(listener.address.host),
    };
  }

  /** What its zone, else the gateway, says is for listeners that say nothing. */
  #rates({ zone, messages_rate, bytes_rate }: ListenerConfig): RateSettings {
    const own = zoneConfig(this.#config, zone);
    return {
      messages_rate: messages_rate ?? own.messages_rate,
      bytes_rate: bytes_rate ?? own.bytes_rate,
    };
  }

  #listenerPlans(): ListenerPlan[] {
    const { name, transports } = this.definition;
    const plans: ListenerPlan[] = [];
    for (const transport of transports) {
      for (const [id, config] of Object.entries(this.#config.listeners[transport] ?? {})) {
        const key = `gateways.${name}.listeners.${transport}.${id}`;
        if (config.enable) plans.push({ name: `${name}:${transport}:${id}`, key, transport, config });
      }
    }
    return plans;
  }

  #createListener({ name, key, transport, config }: ListenerPlan): Listener {
    const { metrics, psk, links } = this.#services;
    const { clock, timers, log } = links;
    return createListener(transport, name, key, config, { clock, timers, log, metrics, psk });
  }

  /** Has the gateways made, and read what they remember. */
  async #prepare(
    plans: readonly ListenerPlan[],
    gateways: Map<string | undefined, AnyGateway>,
    context: GatewayContext,
  ): Promise<void> {
    for (const { config } of plans) this.#gatewayOf(config.zone, gateways, context);
    for (const [zone, gateway] of gateways) {
      const own = new Set(plans.filter(({ config }) => config.zone === zone));
      const others = plans.filter((plan) => !own.has(plan));
      await gateway.prepare?.(
        [...own].map(({ name }) => name),
        others.map(({ name }) => name),
      );
    }
  }

  #accept(gateway: AnyGateway, connection: Connection, rates: RateSettings): ConnectionHandler {
    try {
      return this.#join(gateway, connection, rates);
    } catch (error) {
      this.#services.links.log.error({ err: error, listener: connection.info.listener }, 'connection failed');
      connection.destroy();
      return DEAF;
    }
  }

  #join(gateway: AnyGateway, connection: Connection, rates: RateSettings): ConnectionHandler {
    const { links } = this.#services;
    const codec = gateway.createCodec(connection.info);
    const bucket = (rate: Rate | undefined) => rate && new TokenBucket(links.clock, rate);
    const limits = { messages: bucket(rates.messages_rate), bytes: bucket(rates.bytes_rate) };
    const link = makeLink(connection, gateway, codec, links, limits, this.#onGone);
    this.#links.set(connection.info, link);
    return link;
  }

  readonly #onGone = (link: AnyLink): void => {
    this.#links.delete(link.info);
    if (this.#links.size === 0) this.#onEmpty?.();
  };
}

function makeLink(
  connection: Connection,
  gateway: AnyGateway,
  codec: Codec<unknown, unknown>,
  services: LinkServices,
  limits: LinkLimits,
  onGone: (link: AnyLink) => void,
): AnyLink {
  return codec.kind === 'stream'
    ? new StreamLink(connection, gateway, codec, services, limits, onGone)
    : new DatagramLink(connection, gateway, codec, services, limits, onGone);
}
