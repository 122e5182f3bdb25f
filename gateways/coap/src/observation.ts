import {
  type CoapOption,
  ContentFormat,
  NO_OPTIONS,
  OptionNumber,
  ResponseCode,
  uintOption,
} from '@portico/codec-coap';
import type { Clock, Message } from '@portico/core';
import type { CoapChannel } from './channel.js';
import type { CoapClient } from './client.js';
import type { CoapMetrics } from './counters.js';
import { type Delivery, Notification } from './notification.js';
import type { ObservedTopic } from './observed-topic.js';

/** So often at least a notification is confirmable, RFC 7641 §4.5. */
const CONFIRM_INTERVAL = 24 * 3600 * 1000;

/** Why an observation ended; the counters `coap.observe.cancelled.…`. */
export type EndReason = 'request' | 'replaced' | 'refused' | 'rst' | 'timeout' | 'closed' | 'session';

/** What all observations of the gateway share. */
export interface ObservationSettings {
  readonly clock: Clock;
  readonly metrics: CoapMetrics;
  /** Whether each notification is confirmable. */
  readonly confirmable: boolean;
}

/**
 * The first Observe sequence number of an observation: later than those of an earlier one under the same token,
 * as long as that had fewer than a thousand notifications a second (RFC 7641 §3.4, §4.4).
 */
function firstSequence(clock: Clock): number {
  return clock.now() & 0xffffff;
}

/** The number after an Observe sequence number, of 24 bits (RFC 7641 §3.4). */
export function nextSequence(sequence: number): number {
  return (sequence + 1) & 0xffffff;
}

/** The name of an observation at its peer: its token. */
export function observationKey(token: Buffer): string {
  return token.toString('latin1');
}

/**
 * One client's interest in one topic filter, registered from one peer under one token (RFC 7641). Its
 * notifications go to that peer; when it is gone and the client has been heard from elsewhere since, to there.
 */
export class Observation {
  readonly client: CoapClient;
  readonly topic: ObservedTopic;
  readonly key: string;
  readonly #settings: ObservationSettings;
  readonly #token: Buffer;
  #contentFormat: CoapOption;
  /** Undefined once it has ended. */
  #channel: CoapChannel | undefined;
  #sequence: number;
  #lastConfirmed: number;
  /** Moved to another peer that has not acknowledged anything yet. */
  #unproven = false;

  /** @param token the observation keeps a copy */
  constructor(
    client: CoapClient,
    topic: ObservedTopic,
    channel: CoapChannel,
    token: Buffer,
    settings: ObservationSettings,
  ) {
    this.client = client;
    this.topic = topic;
    this.key = observationKey(token);
    this.#token = Buffer.from(token);
    this.#channel = channel;
    this.#settings = settings;
    this.#contentFormat = uintOption(OptionNumber.ContentFormat, ContentFormat.OctetStream);
    this.#lastConfirmed = settings.clock.monotonic();
    this.#sequence = firstSequence(settings.clock);
    channel.observations.set(this.key, this);
    topic.observations.add(this);
  }

  /** Where notifications go; undefined once it has ended. */
  get channel(): CoapChannel | undefined {
    return this.#channel;
  }

  /** Sets the media type that notifications are labelled with. */
  labelAs(contentFormat: number): void {
    this.#contentFormat = uintOption(OptionNumber.ContentFormat, contentFormat);
  }

  /** The Observe option of the next response or notification. */
  nextObserve(): CoapOption {
    const option = uintOption(OptionNumber.Observe, this.#sequence);
    this.#sequence = nextSequence(this.#sequence);
    return option;
  }

  /**
   * Sends a message to the observer.
   * @param delivery settled when the notification has come to its end; undefined for QoS 0
   */
  notify(message: Message, delivery: Delivery | undefined): void {
    const channel = this.#channel;
    if (channel === undefined) return;
    const confirmable = this.#confirmable();
    const body = {
      code: ResponseCode.Content,
      token: this.#token,
      options: [this.nextObserve(), this.#contentFormat],
      payload: confirmable ? message.keep().payload : message.payload,
    };
    this.#settings.metrics.counters['coap.notify.sent'].value++;
    if (confirmable) {
      channel.sendConfirmable(new Notification(this, channel, body, delivery, this.#settings.metrics));
    } else {
      const sent = channel.sendNonConfirmable(body, () => this.rejected());
      if (!sent) this.#settings.metrics.counters['coap.notify.dropped.no_message_id'].value++;
      delivery?.settle(sent);
    }
  }

  #confirmable(): boolean {
    if (this.#settings.confirmable) return true;
    const now = this.#settings.clock.monotonic();
    if (now - this.#lastConfirmed < CONFIRM_INTERVAL) return false;
    this.#lastConfirmed = now;
    return true;
  }

  /** A notification was acknowledged. */
  acknowledged(channel: CoapChannel): void {
    this.client.seen(channel);
    if (channel !== this.#channel) return;
    this.#unproven = false;
    this.#lastConfirmed = this.#settings.clock.monotonic();
  }

  /** A notification was rejected with a Reset, RFC 7641 §3.6. */
  rejected(): void {
    if (this.#channel !== undefined) this.client.seen(this.#channel);
    this.end('rst');
  }

  /** Its peer is gone: it moves to where the client has been heard from since, once, or ends. */
  lost(reason: 'timeout' | 'closed'): void {
    const from = this.#channel;
    if (from === undefined) return;
    const to = this.#unproven ? undefined : this.client.heardElsewhere(from);
    if (to === undefined || to.observations.has(this.key)) {
      this.end(reason);
      return;
    }
    from.observations.delete(this.key);
    to.observations.set(this.key, this);
    this.#channel = to;
    this.#unproven = true;
    this.#settings.metrics.counters['coap.observe.moved'].value++;
  }

  /** Tells the observer that it is over (RFC 7641 §4.2), and ends. */
  terminate(code: number, reason: string): void {
    const body = { code, token: this.#token, options: NO_OPTIONS, payload: Buffer.from(reason) };
    this.#channel?.sendNonConfirmable(body, () => {});
    this.end('session');
  }

  /** Ends it without a word. */
  end(reason: EndReason): void {
    const channel = this.#channel;
    if (channel === undefined) return;
    this.#channel = undefined;
    channel.observations.delete(this.key);
    this.topic.observations.delete(this);
    if (this.topic.latest === this) this.topic.latest = undefined;
    this.#settings.metrics.counters[`coap.observe.cancelled.${reason}`].value++;
    this.client.observationEnded(this.topic);
  }
}
