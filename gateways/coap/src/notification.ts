import type { Confirmable, MessageBody, Outcome } from '@portico/coap-endpoint';
import type { Message } from '@portico/core';
import type { CoapChannel } from './channel.js';
import type { CoapMetrics } from './counters.js';
import type { Settling } from './delivery.js';
import type { Observation } from './observation.js';

/** One confirmable notification on its way to its observer, wherever that moves to. */
export class Notification implements Confirmable {
  readonly #observation: Observation;
  readonly #message: Message;
  readonly #delivery: Settling | undefined;
  readonly #metrics: CoapMetrics;
  #channel: CoapChannel;

  /** @param message the notification's to keep */
  constructor(
    observation: Observation,
    channel: CoapChannel,
    message: Message,
    delivery: Settling | undefined,
    metrics: CoapMetrics,
  ) {
    this.#observation = observation;
    this.#channel = channel;
    this.#message = message;
    this.#delivery = delivery;
    this.#metrics = metrics;
  }

  get wanted(): boolean {
    return this.#observation.channel === this.#channel;
  }

  compose(): MessageBody {
    return this.#observation.compose(this.#channel, this.#message);
  }

  settled(outcome: Outcome): void {
    if (outcome === 'acknowledged') {
      this.#observation.acknowledged(this.#channel);
      this.#delivery?.settle(true);
      return;
    }
    if (outcome === 'reset') this.#observation.rejected();
    else if (outcome === 'timeout') this.#channel.unreachable();
    if (outcome === 'queue_full' || !this.#followed()) this.#drop(outcome);
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
    this.#metrics.counters[`notify.dropped.${reason}`].value++;
    this.#delivery?.settle(false);
  }
}
