import { type Bodies, CONTENT, firstBlock, type MessageBody, withOption } from '@portico/coap-endpoint';
import { type CoapOption, NO_OPTIONS, ResponseCode } from '@portico/codec-coap';
import type { Clock, Message } from '@portico/core';
import type { CoapChannel } from './channel.js';
import type { CoapClient } from './client.js';
import type { CoapMetrics } from './counters.js';
import type { Settling } from './delivery.js';
import { Fetching, type FetchSettings, type Outgoing } from './fetching.js';
import { Notification } from './notification.js';
import type { ObservedTopic } from './observed-topic.js';
import { entityTag, formatOf, formatOption, maxAge } from './representation.js';
import { bodyKey } from './topic-transfers.js';

/** So often at least a notification is confirmable, RFC 7641 §4.5. */
const CONFIRM_INTERVAL = 24 * 3600 * 1000;

/** Why an observation ended; the counters `coap.observe.cancelled.…`. */
export type EndReason = 'request' | 'replaced' | 'refused' | 'rst' | 'timeout' | 'closed' | 'session';

/** What all observations of the gateway share. */
export interface ObservationSettings extends FetchSettings {
  readonly clock: Clock;
  readonly metrics: CoapMetrics;
  readonly bodies: Bodies;
  /** Whether each notification is confirmable. */
  readonly confirmable: boolean;
}

/** A resource that knows who observes it. */
export interface ObservedResource {
  /** In the order in which they were registered. */
  readonly observations: Set<Observation>;
  /** Milliseconds after which at the latest a notification is confirmable again, RFC 7641 §4.5. */
  readonly confirmInterval: number;
}

/** What an observer wants to be told. */
export interface Interest {
  /** Topic filter, without mountpoint. */
  readonly filter: string;
  readonly qos: 0 | 1;
  /**
   * What notifications are labelled with: a content format; `published` for what each was published with; undefined
   * for nothing.
   */
  readonly contentFormat: number | 'published' | undefined;
  /** Bytes of a block. */
  readonly blockSize: number;
  /** Whether the retained messages that there are come as the first notifications. */
  readonly retained: boolean;
  /** Undefined for a topic filter that is no resource of its own. */
  readonly resource: ObservedResource | undefined;
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
  #interest: Interest;
  /** Undefined once it has ended. */
  #channel: CoapChannel | undefined;
  /** A non-confirmable notification that waits for a message id. */
  #held: Outgoing | undefined;
  /** The message that is being fetched in blocks; others wait behind it. */
  #fetching: Fetching | undefined;
  #lastConfirmed: number;
  /** Moved to another peer that has not acknowledged anything yet. */
  #unproven = false;

  /** @param token the observation keeps a copy */
  constructor(
    client: CoapClient,
    topic: ObservedTopic,
    channel: CoapChannel,
    token: Buffer,
    interest: Interest,
    settings: ObservationSettings,
  ) {
    this.client = client;
    this.topic = topic;
    this.key = observationKey(token);
    this.#token = Buffer.from(token);
    this.#channel = channel;
    this.#settings = settings;
    this.#interest = interest;
    this.#lastConfirmed = settings.clock.monotonic();
    channel.observations.set(this.key, this);
    topic.observations.add(this);
    interest.resource?.observations.add(this);
  }

  /** Where notifications go; undefined once it has ended. */
  get channel(): CoapChannel | undefined {
    return this.#channel;
  }

  /** Registered anew: sets how notifications are wanted from now on. */
  renew(interest: Interest): void {
    this.#interest = interest;
  }

  /** Whether it is what a client of that peer would register (again) with such an interest. */
  isFor(client: CoapClient, { filter, resource }: Interest): boolean {
    return this.client === client && this.topic.filter === filter && this.#interest.resource === resource;
  }

  // Notifications

  /**
   * Sends a message to the observer.
   * @param delivery settled when the notification has come to its end; undefined for QoS 0
   */
  notify(message: Message, delivery: Settling | undefined): void {
    if (this.#fetching === undefined) this.#notify(message, delivery);
    else this.#fetching.hold({ message: message.keep(), delivery });
  }

  #notify(message: Message, delivery: Settling | undefined): void {
    const channel = this.#channel;
    if (channel === undefined) return;
    if (this.#interest.resource !== undefined && clears(message)) {
      this.terminate(ResponseCode.NotFound, 'the data has been deleted');
      delivery?.settle(false);
      return;
    }
    if (!this.#confirmable(channel, message)) {
      this.#notifyOnce(channel, message, delivery);
      return;
    }
    const { metrics } = this.#settings;
    metrics.counters['notify.sent'].value++;
    const settling = this.#inBlocks(message, delivery) ?? delivery;
    channel.sendConfirmable(new Notification(this, channel, message.keep(), settling, metrics));
  }

  /** A notification as it is now sent there: it gets its sequence number here. */
  compose(channel: CoapChannel, message: Message): MessageBody {
    if (this.#fetching?.message === message) return this.#composeFirstBlock(channel, message, this.#fetching);
    return {
      code: ResponseCode.Content,
      token: this.#token,
      options: this.#labelled(message, channel.nextObserve()),
      payload: message.payload,
    };
  }

  #composeFirstBlock(channel: CoapChannel, message: Message, fetching: Fetching): MessageBody {
    const etag = entityTag(message);
    const content = { ...CONTENT, options: this.#labelled(message, etag), payload: message.payload };
    const key = bodyKey(this.client.login.clientId, this.topic.filter);
    this.#settings.bodies.offer(channel, key, content, etag.value, fetching);
    const block = withOption(firstBlock(content, this.#interest.blockSize), channel.nextObserve());
    return { code: block.code, token: this.#token, options: block.options, payload: block.payload };
  }

  /** Options of a notification: what comes first, the content format, and how long it is fresh. */
  #labelled(message: Message, first: CoapOption): CoapOption[] {
    const { contentFormat } = this.#interest;
    const options = [first];
    if (contentFormat !== undefined) {
      options.push(formatOption(contentFormat === 'published' ? formatOf(message) : contentFormat));
    }
    const age = maxAge(message, this.#settings.clock.now());
    if (age !== undefined) options.push(age);
    return options;
  }

  /** Begins to send a message in blocks; undefined for one that fits into a block. */
  #inBlocks(message: Message, delivery: Settling | undefined): Fetching | undefined {
    if (message.payload.length <= this.#interest.blockSize) return undefined;
    const outgoing = { message: message.keep(), delivery };
    this.#fetching = new Fetching(outgoing, this.#settings, () => this.#goOn());
    return this.#fetching;
  }

  /** A message in blocks has come to its end: what waited behind it follows, up to the next one in blocks. */
  #goOn(): void {
    const done = this.#fetching;
    if (done === undefined) return;
    for (let next = done.next(); next !== undefined; next = done.next()) {
      // Until all that waited is sent, whatever that brings about waits behind it.
      if (this.#fetching === done) this.#notify(next.message, next.delivery);
      else this.#fetching?.hold(next);
    }
    if (this.#fetching === done) this.#fetching = undefined;
  }

  #confirmable(channel: CoapChannel, { payload }: Message): boolean {
    const length = Math.min(payload.length, this.#interest.blockSize);
    if (this.#settings.confirmable || channel.owesSign(length)) return true;
    const now = this.#settings.clock.monotonic();
    const interval = this.#interest.resource?.confirmInterval ?? CONFIRM_INTERVAL;
    if (now - this.#lastConfirmed < interval) return false;
    this.#lastConfirmed = now;
    return true;
  }

  #notifyOnce(channel: CoapChannel, message: Message, delivery: Settling | undefined): void {
    if (!channel.readyToSend()) {
      this.#hold(message, delivery);
      return;
    }
    const settling = this.#inBlocks(message, delivery) ?? delivery;
    channel.sendNonConfirmable(this.compose(channel, message), this);
    this.#settings.metrics.counters['notify.sent'].value++;
    settling?.settle(true);
  }

  /** Keeps a notification until it can be sent: the newest only, which is what an observer is owed (RFC 7641 §1.3). */
  #hold(message: Message, delivery: Settling | undefined): void {
    this.#dropHeld('superseded');
    this.#held = { message: message.keep(), delivery };
  }

  /** The peer can be sent to again. */
  sendHeld(): void {
    const held = this.#held;
    const channel = this.#channel;
    if (held === undefined || channel === undefined) return;
    this.#held = undefined;
    this.#notifyOnce(channel, held.message, held.delivery);
  }

  #dropHeld(reason: 'superseded' | 'cancelled'): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#settings.metrics.counters[`notify.dropped.${reason}`].value++;
    held.delivery?.settle(false);
  }

  // What becomes of them

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
    if (to === undefined || !this.#mayMoveTo(to)) this.end(reason);
    else this.#move(from, to);
  }

  #mayMoveTo(channel: CoapChannel): boolean {
    return !channel.mayBeVictim && !channel.observations.has(this.key);
  }

  #move(from: CoapChannel, to: CoapChannel): void {
    from.observations.delete(this.key);
    to.observations.set(this.key, this);
    this.#channel = to;
    this.#unproven = true;
    this.#settings.metrics.counters['observe.moved'].value++;
    this.sendHeld();
  }

  // Its end

  /** Tells the observer that it is over (RFC 7641 §4.2), and ends. */
  terminate(code: number, reason: string): void {
    const body = { code, token: this.#token, options: NO_OPTIONS, payload: Buffer.from(reason) };
    this.#channel?.sendNonConfirmable(body, undefined);
    this.end('session');
  }

  /** Ends it without a word. */
  end(reason: EndReason): void {
    const channel = this.#channel;
    if (channel === undefined) return;
    this.#channel = undefined;
    this.#dropHeld('cancelled');
    this.#fetching?.cancel();
    channel.observations.delete(this.key);
    this.topic.observations.delete(this);
    this.#interest.resource?.observations.delete(this);
    if (this.topic.latest === this) this.topic.latest = undefined;
    this.#settings.metrics.counters[`observe.cancelled.${reason}`].value++;
    this.client.observationEnded(this.topic);
  }
}

/** Whether a message deletes the retained one, MQTT 5 §3.3.1.3. */
function clears({ retain, payload }: Message): boolean {
  return retain && payload.length === 0;
}
