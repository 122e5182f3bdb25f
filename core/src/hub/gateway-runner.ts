import { isLoopbackAddress } from '../access/ip-range.js';
import type { PskKeys } from '../access/psk-keys.js';
import type { Rate } from '../config/units.js';
import type { Engine } from '../engine/engine.js';
import type { Codec, Gateway, GatewayContext, GatewayDefinition } from '../gateway/contract.js';
import { DatagramLink } from '../gateway/datagram-link.js';
import type { Link, LinkLimits, LinkServices } from '../gateway/link.js';
import { StreamLink } from '../gateway/stream-link.js';
import type { Connection, ConnectionHandler, Listener } from '../listeners/connection.js';
import { createListener, type ListenerContext } from '../listeners/create-listener.js';
import type { ListenerConfig, ListenersConfig } from '../listeners/listener-config.js';
import { TokenBucket } from '../listeners/token-bucket.js';
import type { Metrics } from '../runtime/metrics.js';

/** The section of a gateway in the configuration: the keys that all have, and its own. */
export interface GatewayConfig extends Readonly<Record<string, unknown>> {
  readonly enable: boolean;
  readonly listeners: ListenersConfig;
}

export interface RunnerServices {
  readonly node: string;
  readonly engine: Engine;
  readonly metrics: Metrics;
  readonly links: LinkServices;
  readonly psk: PskKeys | undefined;
}

/** Takes the place of a link that could not be made. */
const DEAF: ConnectionHandler = { onData() {}, onWritable() {}, onClose() {} };

type AnyLink = Link<unknown, unknown>;

/** Milliseconds that peers get to take the farewell before their connections are cut. */
const FAREWELL = 2000;

/**
 * One gateway's life: creates it, opens its listeners, joins each connection with a codec and a channel, and
 * takes it all down again. See {@link GatewayDefinition}.
 */
export class GatewayRunner {
  readonly definition: GatewayDefinition;
  readonly #config: GatewayConfig;
  readonly #services: RunnerServices;
  readonly #links = new Set<AnyLink>();
  readonly #loopbackListeners = new Set<string>();
  #listeners: Listener[] = [];
  #gateway: Gateway<unknown, unknown> | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(definition: GatewayDefinition, config: GatewayConfig, services: RunnerServices) {
    this.definition = definition;
    this.#config = config;
    this.#services = services;
  }

  get running(): boolean {
    return this.#gateway !== undefined;
  }

  /** Those that accept. */
  get listeners(): readonly Listener[] {
    return this.#listeners;
  }

  get connections(): number {
    return this.#links.size;
  }

  /** @throws PorticoError when a listener cannot be opened; nothing of the gateway runs then */
  async start(): Promise<void> {
    const gateway = this.definition.create(this.#context(), this.#config);
    this.#gateway = gateway;
    try {
      for (const { listener, config } of this.#configuredListeners()) {
        await listener.start((connection) => this.#accept(gateway, connection, config));
        this.#listeners.push(listener);
        if (isLoopbackAddress(listener.address.host)) this.#loopbackListeners.add(listener.name);
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Closes the listeners, says goodbye to every peer, and lets the gateway go. */
  async stop(): Promise<void> {
    const gateway = this.#gateway;
    if (gateway === undefined) return;
    this.#gateway = undefined;
    const closing = this.#listeners.map((listener) => listener.close());
    this.#listeners = [];
    for (const link of [...this.#links]) link.shutdown();
    await this.#linksGone();
    await Promise.all(closing);
    this.#loopbackListeners.clear();
    gateway.stop?.();
  }

  #linksGone(): Promise<void> {
    if (this.#links.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const { timers } = this.#services.links;
      const cut = timers.after(FAREWELL, () => {
        for (const link of [...this.#links]) link.destroy();
      });
      this.#onEmpty = () => {
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
      connect: (request) => engine.connect(request, this.#loopbackListeners.has(request.connection.listener)),
    };
  }

  *#configuredListeners(): Generator<{ listener: Listener; config: ListenerConfig }> {
    const { name } = this.definition;
    const { metrics, psk, links } = this.#services;
    const { clock, timers, log } = links;
    const context: ListenerContext = { clock, timers, log, metrics, psk };
    for (const type of this.definition.transports) {
      for (const [id, config] of Object.entries(this.#config.listeners[type] ?? {})) {
        if (!config.enable) continue;
        const fullName = `${name}:${type}:${id}`;
        const key = `gateways.${name}.listeners.${type}.${id}`;
        yield { listener: createListener(type, fullName, key, config, context), config };
      }
    }
  }

  #accept(
    gateway: Gateway<unknown, unknown>,
    connection: Connection,
    config: ListenerConfig,
  ): ConnectionHandler {
    try {
      return this.#join(gateway, connection, config);
    } catch (error) {
      this.#services.links.log.error({ err: error, listener: connection.info.listener }, 'connection failed');
      connection.destroy();
      return DEAF;
    }
  }

  #join(
    gateway: Gateway<unknown, unknown>,
    connection: Connection,
    config: ListenerConfig,
  ): ConnectionHandler {
    const { links } = this.#services;
    const codec = gateway.createCodec(connection.info);
    const bucket = (rate: Rate | undefined) => rate && new TokenBucket(links.clock, rate);
    const limits = { messages: bucket(config.messages_rate), bytes: bucket(config.bytes_rate) };
    const link = makeLink(connection, gateway, codec, links, limits, this.#onGone);
    this.#links.add(link);
    return link;
  }

  readonly #onGone = (link: AnyLink): void => {
    this.#links.delete(link);
    if (this.#links.size === 0) this.#onEmpty?.();
  };
}

function makeLink(
  connection: Connection,
  gateway: Gateway<unknown, unknown>,
  codec: Codec<unknown, unknown>,
  services: LinkServices,
  limits: LinkLimits,
  onGone: (link: AnyLink) => void,
): AnyLink {
  return codec.kind === 'stream'
    ? new StreamLink(connection, gateway, codec, services, limits, onGone)
    : new DatagramLink(connection, gateway, codec, services, limits, onGone);
}
