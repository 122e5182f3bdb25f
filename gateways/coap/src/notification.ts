import type { CoapChannel } from './channel.js';
import type { CoapClient } from './client.js';
import type { Confirmable, MessageBody, Outcome } from './confirmable-sender.js';
import type { CoapMetrics } from './counters.js';
import type { Observation } from './observation.js';

/** A QoS 1 delivery of the session on its way to one or more observers. */
export class Delivery {
  #observers: number;
  #taken = false;

  /** @param observers how many notifications it became */
  constructor(
    readonly client: CoapClient,
    readonly packetId: number,
    observers: number,
  ) {
    this.#observers = observers;
  }

  /**
   * One of the notifications has come to its end; the last one frees the session's window.
   * @param taken whether its observer has it
   */
  settle(taken: boolean): void {
    this.#observers--;
    this.#taken ||= taken;
    if (this.#observers === 0) this.client.delivered(this.packetId, this.#taken);
  }
}

/** One confirmable notification on its way to its observer, wherever that moves to. */
export class Notification implements Confirmable {
  readonly body: MessageBody;
  readonly #observation: Observation;
  readonly #delivery: Delivery | undefined;
  readonly #metrics: CoapMetrics;
  #channel: CoapChannel;

  constructor(
    observation: Observation,
    channel: CoapChannel,
    body: MessageBody,
    delivery: Delivery | undefined,
    metrics: CoapMetrics,
  ) {
    this.#observation = observation;
    this.#channel = channel;
    this.body = body;
    this.#delivery = delivery;
    this.#metrics = metrics;
  }

  get wanted(): boolean {
    return this.#observation.channel === this.#channel;
  }

  settled(outcome: Outcome): void {
    if (outcome === 'acknowledged') {
      this.#observation.acknowledged(this.#channel);
      this.#delivery?.settle(true);
      return;
    }
    if (outcome === 'reset') this.#observation.rejected();
    else if (outcome === 'timeout') this.#channel.unreachable();
    if (outcome === 'queue_full' || outcome === 'no_message_id' || !this.#followed()) this.#drop(outcome);
  }

  /** Sends it again where the observation has moved to. */
  #followed(): boolean {
    const { channel } = this.#observation;
    if (channel === undefined || channel === this.#channel) return false;
    this.#channel = channel;
    channel.sendConfirmable(this);
    return true;
  }

  #drop(reason: Exclude<Outcome, 'acknowledged'>): void {
    this.#metrics.counters[`coap.notify.dropped.${reason}`].value++;
    this.#delivery?.settle(false);
  }
}
