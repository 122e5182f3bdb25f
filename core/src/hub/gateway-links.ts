import type { Rate } from '../config/units.js';
import type { ConnectionInfo } from '../engine/client-info.js';
import type { Traffic } from '../engine/traffic.js';
import type { Codec } from '../gateway/contract.js';
import { DatagramLink } from '../gateway/datagram-link.js';
import type { LinkServices } from '../gateway/link-services.js';
import type { LinkLimits } from '../gateway/pauses.js';
import { StreamLink } from '../gateway/stream-link.js';
import type { Connection, ConnectionHandler } from '../listeners/connection.js';
import { TokenBucket } from '../runtime/token-bucket.js';
import type { AnyGateway, AnyLink, Door } from './door.js';

/** Takes the place of a link that could not be made. */
const DEAF: ConnectionHandler = { onData() {}, onWritable() {}, onEnd() {}, onClose() {} };

/** What some connections have carried together. */
export type CarriedTraffic = Pick<Traffic, 'bytesReceived' | 'bytesSent' | 'framesReceived' | 'framesSent'>;

/** Counts by listener and reason. */
export type Endings = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** What is known of the connections of a gateway, as it was made for one zone, and one configuration. */
interface Served {
  connections: number;
  /** Called for each when it is gone. */
  readonly onGone: (link: AnyLink) => void;
}

/** The connections of a gateway, each joined with a codec and a channel, and how earlier ones have ended. */
export class GatewayLinks {
  readonly #services: LinkServices;
  readonly #links = new Map<ConnectionInfo, AnyLink>();
  readonly #endings = new Map<string, Map<string, number>>();
  readonly #served = new Map<AnyGateway, Served>();
  readonly #onGone: (listener: string) => void;
  #past: CarriedTraffic = { bytesReceived: 0, bytesSent: 0, framesReceived: 0, framesSent: 0 };

  /** @param onGone called when a connection is gone, with the full name of its listener */
  constructor(services: LinkServices, onGone: (listener: string) => void) {
    this.#services = services;
    this.#onGone = onGone;
  }

  get size(): number {
    return this.#links.size;
  }

  get(connection: ConnectionInfo): AnyLink | undefined {
    return this.#links.get(connection);
  }

  /** What connections that are gone have carried since the hub started. */
  get past(): CarriedTraffic {
    return this.#past;
  }

  /** What each of those that are there has carried. */
  get present(): Iterable<CarriedTraffic> {
    return this.#links.values();
  }

  /** Those that have connections, by a configuration of before too. */
  get instances(): Iterable<AnyGateway> {
    return this.#served.keys();
  }

  /** Those that came by a listener. @param listener full name */
  of(listener: string): AnyLink[] {
    return [...this.#links.values()].filter(({ info }) => info.listener === listener);
  }

  /** How many connections have ended since the hub started: by full name of their listener, and by reason. */
  get endings(): Endings {
    return this.#endings;
  }

  /** A peer comes in by a door. */
  accept(door: Door, connection: Connection): ConnectionHandler {
    try {
      return this.#join(door, connection);
    } catch (error) {
      this.#services.log.error({ err: error, listener: connection.info.listener }, 'connection failed');
      connection.destroy();
      return DEAF;
    }
  }

  #join(door: Door, connection: Connection): ConnectionHandler {
    const { gateway, rates } = door;
    const codec = gateway.createCodec(connection.info);
    const bucket = (rate: Rate | undefined) => rate && new TokenBucket(this.#services.clock, rate);
    const limits = { messages: bucket(rates.messages_rate), bytes: bucket(rates.bytes_rate) };
    const served = this.#servedBy(gateway);
    const link = makeLink(connection, gateway, codec, this.#services, limits, served.onGone);
    this.#links.set(connection.info, link);
    this.#served.set(gateway, served);
    served.connections++;
    door.connections++;
    return link;
  }

  #servedBy(gateway: AnyGateway): Served {
    const known = this.#served.get(gateway);
    if (known !== undefined) return known;
    const served = { connections: 0, onGone: (link: AnyLink) => this.#gone(link, gateway, served) };
    return served;
  }

  #gone(link: AnyLink, gateway: AnyGateway, served: Served): void {
    const { listener } = link.info;
    this.#links.delete(link.info);
    if (--served.connections === 0) this.#served.delete(gateway);
    this.#countEnding(listener, link.endReason);
    this.#past = sum(this.#past, link);
    this.#onGone(listener);
  }

  #countEnding(listener: string, reason: string): void {
    let reasons = this.#endings.get(listener);
    if (reasons === undefined) {
      reasons = new Map();
      this.#endings.set(listener, reasons);
    }
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
}

function sum(one: CarriedTraffic, other: CarriedTraffic): CarriedTraffic {
  return {
    bytesReceived: one.bytesReceived + other.bytesReceived,
    bytesSent: one.bytesSent + other.bytesSent,
    framesReceived: one.framesReceived + other.framesReceived,
    framesSent: one.framesSent + other.framesSent,
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
