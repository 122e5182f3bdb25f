import { type ClientPolicy, clientPolicy } from '../access/client-policy.js';
import { isLoopbackAddress } from '../access/ip-range.js';
import type { PresharedKeys } from '../access/psk-lookup.js';
import type { ConnectionInfo, PeerAddress } from '../engine/client-info.js';
import type { Engine } from '../engine/engine.js';
import type { ConnectRequest, ConnectResult } from '../engine/types.js';
import type { Channel, GatewayContext, GatewayDefinition } from '../gateway/contract.js';
import { GatewayStorage } from '../gateway/gateway-storage.js';
import type { LinkServices } from '../gateway/link-services.js';
import type { Listener } from '../listeners/connection.js';
import { createListener } from '../listeners/create-listener.js';
import { provesIdentity } from '../listeners/identity/identity-config.js';
import type { ListenerConfig } from '../listeners/listener-config.js';
import { connectionInfo, NOTHING_PROVEN } from '../listeners/listener-context.js';
import { isDatagram, tryAddress } from '../listeners/try-address.js';
import type { MaybePromise } from '../runtime/maybe-promise.js';
import type { Metrics } from '../runtime/metrics.js';
import { Timer } from '../runtime/timers.js';
import { listenerEffect, needsNewGateway } from './change-effect.js';
import { type AnyGateway, type Door, type DoorSettings, type ListenerPlan, listenerPlans } from './door.js';
import { type GatewayConfig, zoneConfig } from './gateway-config.js';
import { type CarriedTraffic, type Endings, GatewayLinks } from './gateway-links.js';

export interface RunnerServices {
  readonly node: string;
  readonly engine: Engine;
  readonly metrics: Metrics;
  readonly links: LinkServices;
  readonly psk: PresharedKeys | undefined;
}

/** Of a listener at which no source can know anybody. */
export const NOBODY_COMES_IN =
  'all clients are refused here: add access.users, or write down access.allow_anonymous: true';

/** Milliseconds that peers get to take the farewell before their connections are cut. */
const FAREWELL = 2000;

/** From one start to the stop behind it. */
interface Run {
  /** One for each zone in use, and one for the listeners without a zone. */
  instances: Map<string | undefined, AnyGateway>;
  /** Those whose last connections live on by a configuration of before. */
  readonly retired: AnyGateway[];
  readonly context: GatewayContext;
  /** Listeners for which a gateway has read what it remembers, by full name. */
  readonly prepared: Set<string>;
}

/**
 * One gateway's life: creates it, once for each zone in use, opens its listeners, joins each connection with a
 * codec and a channel, changes all that while it runs, and takes it down again. See {@link GatewayDefinition}. What
 * changes it must be done one after the other; {@link close} may come at any time.
 */
export class GatewayRunner {
  readonly definition: GatewayDefinition;
  #config: GatewayConfig;
  readonly #services: RunnerServices;
  readonly #links: GatewayLinks;
  /** By full name of the listener. */
  readonly #doors = new Map<string, Door>();
  /** Connections of clients that were there before the hub started, see {@link GatewayContext.formerConnection}. */
  readonly #formerConnections = new WeakSet<ConnectionInfo>();
  /** Undefined while it does not run. */
  #run: Run | undefined;
  #closed = false;

  constructor(definition: GatewayDefinition, config: GatewayConfig, services: RunnerServices) {
    this.definition = definition;
    this.#config = config;
    this.#services = services;
    this.#links = new GatewayLinks(services.links, (listener) => this.#onGone(listener));
  }

  get running(): boolean {
    return this.#run !== undefined;
  }

  /** Those that accept. */
  get listeners(): readonly Listener[] {
    return [...this.#doors.values()].filter(({ open }) => open).map(({ listener }) => listener);
  }

  /** Full names of listeners that accept, and at which nobody can come in. */
  get closedDoors(): readonly string[] {
    const closed = [...this.#doors.values()].filter((door) => door.open && this.#isClosed(door));
    return closed.map(({ listener }) => listener.name);
  }

  /** Those that accept, each with how clients that come in by it are treated. */
  get policies(): readonly { readonly listener: Listener; readonly policy: ClientPolicy }[] {
    const open = [...this.#doors.values()].filter((door) => door.open);
    return open.map(({ listener, entrance }) => ({ listener, policy: entrance.policy }));
  }

  /** What it runs as: one for each zone in use, and one for the listeners without a zone; none while it does not run. */
  get instances(): readonly AnyGateway[] {
    return [...(this.#run?.instances.values() ?? [])];
  }

  /** The same, and those by a configuration of before that still have connections. */
  get instancesInUse(): ReadonlySet<AnyGateway> {
    return new Set([...this.instances, ...this.#links.instances]);
  }

  get connections(): number {
    return this.#links.size;
  }

  /** What its connections have carried since the hub started: those that are gone together, each of the others by itself. */
  get traffic(): { readonly past: CarriedTraffic; readonly present: Iterable<CarriedTraffic> } {
    return this.#links;
  }

  /** The listeners that it has by its configuration, open or not. */
  get plans(): readonly ListenerPlan[] {
    return listenerPlans(this.definition.name, this.definition.transports, this.#config);
  }

  /**
   * How many connections have ended since the hub started, by full name of their listener and by reason: of listeners
   * that are closed, or gone, too.
   */
  get endings(): Endings {
    return this.#links.endings;
  }

  /**
   * Returns early when the gateway is stopped meanwhile.
   * @throws PorticoError when a listener cannot be opened; nothing of the gateway runs then
   */
  async start(): Promise<void> {
    if (this.#closed || this.#run !== undefined) return;
    const run: Run = { instances: new Map(), retired: [], context: this.#context(), prepared: new Set() };
    this.#run = run;
    try {
      await this.#open(this.#wanted(), run);
    } catch (error) {
      if (this.#run === run) await this.stop();
      throw error;
    }
  }

  /**
   * Takes on another configuration, or its own again after a change that failed. Listeners that stay as they are keep
   * their connections, and so do those of which only limits differ; whether changed keys of the gateway itself end
   * connections depends on {@link GatewayDefinition.independentConnections}.
   * @throws PorticoError when an address cannot be listened at, and nothing has changed then; or when something else cannot be
   * made or opened, and what could be is there then
   */
  async change(config: GatewayConfig): Promise<void> {
    if (this.#run !== undefined) await this.#tryAddresses(config);
    const before = this.#config;
    this.#config = config;
    const run = this.#run;
    if (run === undefined) return;
    if (needsNewGateway(before, config)) {
      if (this.definition.independentConnections !== true) return await this.#restart();
      this.#renew(run);
    }
    const plans = this.#wanted();
    await Promise.all(this.#doorsToClose(plans).map((door) => this.#close(door)));
    if (this.#run !== run) return;
    for (const door of this.#doors.values()) this.#adjust(door, plans, run);
    await this.#open(
      plans.filter(({ name }) => !this.#doors.has(name)),
      run,
    );
  }

  /** New connections are treated by what access control says of all clients by now, where the gateway says nothing else. */
  adjustEntrances(): void {
    for (const door of this.#doors.values()) Object.assign(door, this.#settings(door.listener, door.config));
    for (const listener of this.closedDoors) this.#services.engine.log.warn({ listener }, NOBODY_COMES_IN);
  }

  /** Closes a listener with its connections and opens it again. @param name full name */
  async restartListener(name: string): Promise<void> {
    const run = this.#run;
    const door = this.#doors.get(name);
    if (run === undefined) return;
    if (door !== undefined) await this.#close(door);
    if (this.#run !== run) return;
    await this.#open(
      this.#wanted().filter((plan) => plan.name === name),
      run,
    );
  }

  async #restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Closes the listeners, says goodbye to every peer, and lets the gateway go. */
  async stop(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    const open = [...this.#doors.values()].filter((door) => door.open);
    await Promise.all(open.map((door) => this.#close(door)));
    for (const gateway of [...run.instances.values(), ...run.retired]) gateway.stop?.();
  }

  /** Stops it for ever. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.stop();
  }

  /** The listeners that are to be open. */
  #wanted(): ListenerPlan[] {
    return this.plans.filter(({ config }) => config.enable);
  }

  /** Gateways by the configuration of now take the place of those there are, which keep their connections. */
  #renew(run: Run): void {
    const instances = new Map<string | undefined, AnyGateway>();
    for (const { config } of this.#wanted()) this.#gatewayOf(config.zone, instances, run.context);
    run.retired.push(...[...run.instances.values()].filter(({ stop }) => stop !== undefined));
    run.instances = instances;
  }

  /** Of listeners at a port that none of its own has: those are known to be good, or free when they are closed. */
  async #tryAddresses(config: GatewayConfig): Promise<void> {
    const { name: gateway, transports } = this.definition;
    for (const { name, key, transport, config: own } of listenerPlans(gateway, transports, config)) {
      const isOwn = [...this.#doors.values()].some(
        (door) =>
          door.listener.address.port === own.bind.port &&
          isDatagram(door.transport) === isDatagram(transport),
      );
      if (own.enable && own.bind.port !== 0 && !isOwn) await tryAddress(name, key, transport, own);
    }
  }

  #doorsToClose(plans: readonly ListenerPlan[]): Door[] {
    return [...this.#doors.values()].filter(({ listener, config }) => {
      const plan = plans.find(({ name }) => name === listener.name);
      if (plan === undefined) return true;
      return listenerEffect(config, plan.config) === 'restart';
    });
  }

  /** New connections by a listener that stays open meet what the configuration says now. */
  #adjust(door: Door, plans: readonly ListenerPlan[], run: Run): void {
    const plan = plans.find(({ name }) => name === door.listener.name);
    if (plan === undefined) return;
    door.config = plan.config;
    door.gateway = this.#gatewayOf(plan.config.zone, run.instances, run.context);
    Object.assign(door, this.#settings(door.listener, plan.config));
    door.listener.adjust(plan.config);
  }

  /** Opens listeners, one after the other; returns early when the gateway is stopped meanwhile. */
  async #open(plans: readonly ListenerPlan[], run: Run): Promise<void> {
    await this.#prepare(plans, run);
    for (const plan of plans) {
      if (this.#run !== run) return;
      await this.#openListener(plan, run);
    }
  }

  async #openListener(plan: ListenerPlan, run: Run): Promise<void> {
    const { config, transport } = plan;
    const listener = this.#createListener(plan);
    const gateway = this.#gatewayOf(config.zone, run.instances, run.context);
    const door: Door = {
      ...this.#settings(listener, config),
      ...{ listener, transport, config, gateway, open: false, connections: 0 },
      ...{ announcing: undefined, onEmpty: undefined },
    };
    this.#doors.set(listener.name, door);
    try {
      await listener.start((connection) => this.#links.accept(door, connection));
      if (gateway.answerMulticast !== undefined) await listener.joinGroups?.(gateway.answerMulticast);
    } catch (error) {
      await this.#close(door);
      throw error;
    }
    if (this.#run !== run) return await this.#close(door);
    door.open = true;
    // Where it listens is known now.
    door.entrance = this.#settings(listener, config).entrance;
    gateway.opened?.(listener.name);
    door.announcing = this.#announce(gateway, listener);
    if (this.#isClosed(door)) this.#services.engine.log.warn({ listener: listener.name }, NOBODY_COMES_IN);
  }

  /** Closes a listener and says goodbye to those who came by it. */
  async #close(door: Door): Promise<void> {
    door.open = false;
    const closing = door.listener.close();
    if (door.announcing !== undefined) this.#services.links.timers.cancel(door.announcing);
    for (const link of this.#links.of(door.listener.name)) link.shutdown();
    await this.#linksGone(door);
    await closing;
    this.#doors.delete(door.listener.name);
  }

  /** Whether it proves nobody's identity, and nobody can come in: that is hardly what was meant. */
  #isClosed({ config, entrance: { policy, loopback } }: Door): boolean {
    if (provesIdentity(config) || policy.bypassAuthentication) return false;
    const { authenticators, enhancedAuthenticators } = this.#services.engine.access;
    const anonymous = policy.allowAnonymous ?? loopback;
    return !anonymous && authenticators.length === 0 && enhancedAuthenticators.length === 0;
  }

  /** @returns what has to be cancelled */
  #announce({ announcement }: AnyGateway, listener: Listener): Timer | undefined {
    if (announcement === undefined || listener.announce === undefined) return undefined;
    const { timers } = this.#services.links;
    const { datagram, to, interval } = announcement;
    const timer = new Timer(() => {
      listener.announce?.(datagram, to);
      timers.arm(timer, interval);
    });
    timer.fire();
    return timer;
  }

  #onGone(listener: string): void {
    const door = this.#doors.get(listener);
    if (door !== undefined && --door.connections === 0) door.onEmpty?.();
  }

  #linksGone(door: Door): Promise<void> {
    if (door.connections === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const { timers } = this.#services.links;
      const cut = timers.after(FAREWELL, () => {
        for (const link of this.#links.of(door.listener.name)) link.destroy();
      });
      door.onEmpty = () => {
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
      takeTurn: () => this.#services.engine.takeTurn(),
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
    const isLogin = !this.#formerConnections.has(connection);
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
    this.#formerConnections.add(connection);
    return connection;
  }

  #reach(name: string, peer: PeerAddress): Channel<never> | undefined {
    const connection = this.#doors.get(name)?.listener.reach?.(peer);
    return connection && this.#links.get(connection)?.channel;
  }

  #gatewayOf(
    zone: string | undefined,
    instances: Map<string | undefined, AnyGateway>,
    context: GatewayContext,
  ): AnyGateway {
    let gateway = instances.get(zone);
    if (gateway === undefined) {
      gateway = this.definition.create(context, zoneConfig(this.#config, zone));
      instances.set(zone, gateway);
    }
    return gateway;
  }

  /** What its zone, else the gateway, says for a listener; of rates, what it says itself comes first. */
  #settings(listener: Listener, { zone, messages_rate, bytes_rate }: ListenerConfig): DoorSettings {
    const own = zoneConfig(this.#config, zone);
    const { policy } = this.#services.engine.access;
    return {
      entrance: {
        zone,
        policy: clientPolicy(own, policy.clients),
        loopback: isLoopbackAddress(listener.address.host),
      },
      rates: {
        messages_rate: messages_rate ?? own.messages_rate,
        bytes_rate: bytes_rate ?? own.bytes_rate,
      },
    };
  }

  #createListener({ name, key, transport, config }: ListenerPlan): Listener {
    const { metrics, psk, links } = this.#services;
    const { clock, timers, log } = links;
    return createListener(transport, name, key, config, { clock, timers, log, metrics, psk });
  }

  /** Has the gateways of listeners made, and read what they remember. */
  async #prepare(plans: readonly ListenerPlan[], { instances, context, prepared }: Run): Promise<void> {
    for (const { config } of plans) this.#gatewayOf(config.zone, instances, context);
    for (const [zone, gateway] of [...instances]) {
      const own = plans.filter(({ name, config }) => config.zone === zone && !prepared.has(name));
      if (own.length === 0) continue;
      for (const { name } of own) prepared.add(name);
      const others = this.#wanted().filter((plan) => !own.some(({ name }) => name === plan.name));
      await gateway.prepare?.(
        own.map(({ name }) => name),
        others.map(({ name }) => name),
      );
    }
  }
}
