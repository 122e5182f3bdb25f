import { type Counter, fillTopic, isPromise, isTaken, type Logger, type PublishResult } from '@portico/core';
import type { Lwm2mConfig } from './config.js';
import type { Device, UplinkTopic } from './device.js';

/** The topics of the devices: what the gateway has to say of them, and by which they are sent commands. */
export class DeviceTopics {
  readonly #topics: Lwm2mConfig['topics'];
  readonly #unpublished: Counter;
  readonly #log: Logger;

  /** @param unpublished counts what could not be published */
  constructor(topics: Lwm2mConfig['topics'], unpublished: Counter, log: Logger) {
    this.#topics = topics;
    this.#unpublished = unpublished;
    this.#log = log;
  }

  /** Has commands for a device come. */
  subscribe(device: Device): void {
    const { session, endpoint } = device;
    const filter = this.#filled(this.#topics.command, device);
    if (filter === undefined || session === undefined) return;
    const result = session.subscribe(filter, { qos: 1, retainHandling: 1 });
    if (!isPromise(result)) return;
    result.catch((err: unknown) =>
      this.#log.error({ clientid: endpoint, filter, err }, 'subscribing failed'),
    );
  }

  /** Publishes as the device, with QoS 0. @param payload is the hub's from now on */
  publish(device: Device, to: UplinkTopic, payload: Buffer): void {
    const topic = this.#filled(this.#topics[to], device);
    if (topic === undefined || device.session === undefined) {
      this.#unpublished.value++;
      return;
    }
    const result = device.session.publish({ topic, payload, qos: 0, retain: false, owned: true });
    if (!isPromise(result)) this.#look(result);
    else
      result.then(
        (settled) => this.#look(settled),
        (err: unknown) => this.#failed(device, err),
      );
  }

  #look(result: PublishResult): void {
    if (!isTaken(result)) this.#unpublished.value++;
  }

  #failed({ endpoint }: Device, err: unknown): void {
    this.#unpublished.value++;
    this.#log.error({ clientid: endpoint, err }, 'publishing for a device failed');
  }

  #filled(template: string, { endpoint, login, whereabouts }: Device): string | undefined {
    if (!template.includes('%')) return template;
    const filled = fillTopic(template, {
      c: endpoint,
      e: endpoint,
      u: login.username,
      a: whereabouts.peer.host,
    });
    return 'topic' in filled ? filled.topic : undefined;
  }
}
