import { encodeToBuffer, MqttDecoder, type Packet, type ReceivedPacket } from '@portico/codec-mqtt';
import { Awaited } from '../fleet/awaited.js';
import type { Device, DeviceServices, Uplink } from '../fleet/contract.js';
import { type Intervals, Routine } from '../fleet/routine.js';
import { type Fix, Journey } from '../route/journey.js';
import type { Route } from '../route/route.js';

export interface ClientOptions extends Intervals {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Where it says where it is; commands come by `<topic>/command`. */
  readonly topic: string;
  readonly route: Route;
}

/** MQTT 3.1.1. */
const VERSION = 4;
const MAX_PACKET_SIZE = 1_048_576;
const MAX_PACKET_ID = 65_535;

/** A client of MQTT 3.1.1 that publishes where it is with QoS 1, as JSON, and takes commands. */
export class Client implements Device {
  readonly #options: ClientOptions;
  readonly #services: DeviceServices;
  /** By packet id, or by the type of the answer. */
  readonly #awaited: Awaited<number | string>;
  readonly #routine: Routine<Fix>;
  #decoder = newDecoder();
  #uplink: Uplink | undefined;
  #packetId = 0;

  constructor(options: ClientOptions, services: DeviceServices) {
    const journey = new Journey(options.route, services.random, services.clock);
    this.#options = options;
    this.#services = services;
    this.#awaited = new Awaited(services.clock, services.tally);
    this.#routine = new Routine(services, this.#awaited, options, {
      gather: () => journey.look(),
      report: (fix) => this.#publish(fix),
      beat: () => this.#ask('pingresp', { type: 'pingreq' }),
    });
  }

  opened(uplink: Uplink): void {
    const { clientId, username, password, heartbeat } = this.#options;
    this.#uplink = uplink;
    this.#decoder = newDecoder();
    this.#ask('connack', {
      type: 'connect',
      protocolVersion: VERSION,
      cleanStart: true,
      keepAlive: Math.min(Math.ceil((2 * heartbeat) / 1000), 65_535),
      clientId,
      username,
      password: password === undefined ? undefined : Buffer.from(password),
    });
  }

  received(bytes: Buffer): void {
    this.#decoder.push(bytes);
    for (let packet = this.#decoder.next(); packet !== undefined; packet = this.#decoder.next()) {
      this.#handle(packet);
    }
  }

  closed(): void {
    this.#uplink = undefined;
    this.#routine.exit();
  }

  leave(): void {
    if (this.#routine.isIn) this.#send({ type: 'disconnect', reasonCode: 0 });
    this.#routine.stop();
  }

  #handle(packet: ReceivedPacket): void {
    switch (packet.type) {
      case 'connack':
        this.#awaited.answered('connack');
        if (packet.reasonCode === 0) this.#connected();
        else this.#uplink?.refused(`CONNACK, return code ${packet.reasonCode}`);
        break;
      case 'puback':
      case 'suback':
        this.#awaited.answered(packet.packetId);
        break;
      case 'pingresp':
        this.#awaited.answered('pingresp');
        break;
      case 'publish':
        this.#services.tally.count('commands');
        break;
    }
  }

  #connected(): void {
    if (this.#uplink === undefined) return;
    const kept = this.#routine.enter(this.#uplink);
    const packetId = this.#nextPacketId();
    const filter = `${this.#options.topic}/command`;
    const subscription = {
      filter,
      qos: 0,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0,
    } as const;
    this.#ask(packetId, { type: 'subscribe', packetId, subscriptions: [subscription] });
    for (const fix of kept) this.#publish(fix);
  }

  #publish(fix: Fix): void {
    const packetId = this.#nextPacketId();
    const payload = Buffer.from(JSON.stringify(fix));
    const { topic } = this.#options;
    this.#ask(packetId, { type: 'publish', topic, payload, qos: 1, retain: false, dup: false, packetId });
  }

  #nextPacketId(): number {
    this.#packetId = this.#packetId === MAX_PACKET_ID ? 1 : this.#packetId + 1;
    return this.#packetId;
  }

  /** Sends a packet that the platform answers. @param answer by what */
  #ask(answer: number | string, packet: Packet): void {
    this.#send(packet);
    this.#awaited.sent(answer);
  }

  #send(packet: Packet): void {
    this.#uplink?.send(encodeToBuffer(packet, VERSION));
  }
}

function newDecoder(): MqttDecoder {
  return new MqttDecoder({ maxPacketSize: MAX_PACKET_SIZE, version: VERSION });
}
