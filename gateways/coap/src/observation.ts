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
import type { Confirmable, MessageBody, Outcome } from './confirmable-sender.js';
import type { CoapMetrics } from './counters.js';

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

/** A subscription of a client's session with the observations that it serves. */
export class ObservedTopic {
  readonly observations = new Set<Observation>();
  /** The one registered last: retained messages are for it alone. */
  latest: Observation | undefined;
  /** Whether the session has the subscription. */
  subscribed = false;

  /** @param filter topic filter, without mountpoint */
  constructor(readonly filter: string) {}

  /** Whom a message is for. */
  audience(retained: boolean): ReadonlySet<Observation> {
    return retained && this.latest !== undefined ? new Set([this.latest]) : this.observations;
  }
}

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
  #sequence = 0;
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
      channel.sendNonConfirmable(body, () => this.rejected());
      delivery?.settle(true);
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

/** One confirmable notification on its way to its observer, wherever that moves to. */
class Notification implements Confirmable {
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
    this.#metrics.counters[`coap.notify.dropped.${reason}`].value++;
    this.#delivery?.settle(false);
  }
}
