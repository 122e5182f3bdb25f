import type { Headers, StompFrame } from '@portico/codec-stomp';
import {
  type AttachedSession,
  isPromise,
  isTaken,
  type MaybePromise,
  type PublishResult,
  type SubscribeOptions,
  type SubscribeRefusal,
  topicNameError,
} from '@portico/core';
import type { Deliveries } from './deliveries.js';
import { publicationOf } from './message-headers.js';
import type { Problem, Shared } from './shared.js';
import {
  ACK_MODES,
  type AckMode,
  DURABLE,
  type StompSubscription,
  type Subscriptions,
} from './subscriptions.js';
import { Transactions } from './transactions.js';

/** What a client can ask for once it is connected. */
export type RequestCommand =
  | 'SEND'
  | 'SUBSCRIBE'
  | 'UNSUBSCRIBE'
  | 'ACK'
  | 'NACK'
  | 'BEGIN'
  | 'COMMIT'
  | 'ABORT';

type Handler = (client: StompClient, frame: StompFrame) => MaybePromise<Problem>;

/**
 * A client that is connected: carries out its frames (STOMP 1.2, “Client Frames”) on its session. What cannot be carried
 * out is a problem in words.
 */
export class StompClient {
  readonly session: AttachedSession;
  readonly #shared: Shared;
  readonly #subscriptions: Subscriptions;
  readonly #deliveries: Deliveries;
  /** Whether it has a name by which it can come back. */
  readonly #isNamed: boolean;
  #transactions: Transactions | undefined;

  constructor(
    session: AttachedSession,
    shared: Shared,
    subscriptions: Subscriptions,
    deliveries: Deliveries,
    isNamed: boolean,
  ) {
    this.session = session;
    this.#shared = shared;
    this.#subscriptions = subscriptions;
    this.#deliveries = deliveries;
    this.#isNamed = isNamed;
    // A connection that was taken over has left subscriptions that ended with it.
    for (const filter of session.filters) {
      if (session.tagOf(filter) !== DURABLE) session.unsubscribe(filter);
    }
    if (isNamed && session.filters.length === 0) session.setSessionExpiry(0);
  }

  /** Carries a frame out. */
  handle(command: RequestCommand, frame: StompFrame): MaybePromise<Problem> {
    return HANDLERS[command](this, frame);
  }

  /** The connection ends: subscriptions that are not durable end with it, and the session where there are no others. */
  leave(): void {
    for (const filter of [...this.#subscriptions.passing()]) this.session.unsubscribe(filter);
    if (this.session.filters.length === 0) this.session.setSessionExpiry(0);
  }

  /** The client can be written to again: what it could not take whole goes before all else. */
  sendRest(): void {
    this.#deliveries.sendRest();
  }

  /** Then, when it has its messages, those that were held. */
  catchUp(): void {
    this.#deliveries.sendHeld();
  }

  send(frame: StompFrame): MaybePromise<Problem> {
    const destination = frame.headers.get('destination');
    if (!destination) return 'SEND without destination';
    const topic = this.#shared.destinations.topicOf(destination);
    const publication = publicationOf(frame, topic, this.#shared.config.send_qos);
    if ('wrong' in publication) return publication.wrong;
    const transaction = frame.headers.get('transaction');
    if (transaction !== undefined) {
      // What cannot be published at all is known before any of the transaction is.
      if (topicNameError(topic) !== undefined) return publishProblem('topic_name_invalid');
      return this.#defer(transaction, frame);
    }
    const result = this.session.publish(publication);
    return isPromise(result) ? result.then(publishProblem) : publishProblem(result);
  }

  async subscribe({ headers }: StompFrame): Promise<Problem> {
    const wanted = this.#readSubscription(headers);
    if (typeof wanted === 'string') return wanted;
    const { filter } = wanted;
    // A durable one that is renewed has been sent the retained messages before.
    const isRenewed =
      this.#subscriptions.matching(filter).size === 0 && this.session.tagOf(filter) === DURABLE;
    const awaitedByOthers = this.session.awaitsRetained(filter);
    this.#subscriptions.add(wanted);
    const result = await this.session.subscribe(filter, this.#options(filter, isRenewed ? 2 : 0));
    if (!result.ok) {
      this.#subscriptions.remove(wanted);
      return subscribeProblem(result.refusal);
    }
    if (!isRenewed) this.#subscriptions.feed(wanted, awaitedByOthers);
    if (wanted.durable) this.session.setSessionExpiry(this.#expiry);
    this.#deliveries.renewed(filter);
    return undefined;
  }

  get #expiry(): number {
    return Math.ceil(this.#shared.config.session_expiry_interval / 1000);
  }

  #readSubscription(headers: Headers): StompSubscription | string {
    const destination = headers.get('destination');
    const id = headers.get('id');
    const ack = headers.get('ack') ?? 'auto';
    const durable = headers.get('durable') === 'true';
    if (!destination) return 'SUBSCRIBE without destination';
    if (!id && this.#needsIds) return 'SUBSCRIBE without id';
    if (!ACK_MODES.includes(ack)) return `ack is one of ${ACK_MODES.join(', ')}`;
    if (this.#subscriptions.find(id, destination) !== undefined) return 'This subscription is there already';
    const { maxSubscriptions } = this.#shared.session;
    if (maxSubscriptions > 0 && this.#subscriptions.size >= maxSubscriptions) {
      return subscribeProblem('quota_exceeded');
    }
    if (durable && !this.#isNamed) return 'A durable subscription needs a client-id in CONNECT';
    const filter = this.#shared.destinations.filterOf(destination);
    return { id, destination, filter, ack: ack as AckMode, durable };
  }

  /** How the client is subscribed to a filter: what has to be acknowledged is of QoS 1. */
  #options(filter: string, retainHandling: 0 | 2): SubscribeOptions {
    const qos = this.#subscriptions.isTracked(filter) ? 1 : 0;
    const tag = this.#subscriptions.isDurable(filter) ? DURABLE : undefined;
    return { qos, retainHandling, tag };
  }

  /** Since STOMP 1.1 subscriptions are told apart by ids (“SUBSCRIBE id Header”). */
  get #needsIds(): boolean {
    return this.session.client.protocolVersion > 1;
  }

  /** A durable subscription that has not been renewed is named by its destination. */
  async unsubscribe({ headers }: StompFrame): Promise<Problem> {
    const destination = headers.get('destination');
    const id = headers.get('id');
    if (!id && this.#needsIds) return 'UNSUBSCRIBE without id';
    const found = this.#subscriptions.find(id, destination);
    const filter = found?.filter ?? this.#shared.destinations.filterOf(destination ?? '');
    const { size } = this.#subscriptions.matching(filter);
    if (found === undefined && size > 0) return 'No such subscription';
    if (found !== undefined && size > 1) {
      this.#forget(found);
      await this.session.subscribe(filter, this.#options(filter, 2));
      return undefined;
    }
    const result = await this.session.unsubscribe(filter);
    if (found !== undefined) this.#forget(found);
    this.#deliveries.ended(filter);
    if (result !== 'ok') return 'No such subscription';
    if (this.session.filters.length === 0) this.session.setSessionExpiry(0);
    return undefined;
  }

  #forget(subscription: StompSubscription): void {
    this.#subscriptions.remove(subscription);
    this.#deliveries.acknowledgements.leave(subscription);
  }

  /** ACK or NACK. By its own id (1.2), or by that of the message (1.0, 1.1): they are the same. */
  settle(frame: StompFrame, refused: boolean): Problem {
    const { headers, command } = frame;
    const id = headers.get('id') ?? headers.get('message-id');
    if (id === undefined) return `${command} without id`;
    const transaction = headers.get('transaction');
    if (transaction !== undefined) return this.#defer(transaction, frame);
    const { counters } = this.#shared;
    // Late, or a second time: no reason to let a client go.
    if (!this.#deliveries.acknowledgements.settle(id, refused)) counters['stomp.acks.unknown'].value++;
    else if (refused) counters['stomp.nacks.received'].value++;
    return undefined;
  }

  // Transactions

  begin({ headers }: StompFrame): Problem {
    const id = headers.get('transaction');
    if (!id) return 'BEGIN without transaction';
    this.#transactions ??= new Transactions(this.#shared.transactions);
    return this.#transactions.begin(id)?.problem;
  }

  #defer(id: string, frame: StompFrame): Problem {
    this.#transactions ??= new Transactions(this.#shared.transactions);
    return this.#transactions.add(id, frame)?.problem;
  }

  /** Ends a transaction, and carries its frames out if it is committed. */
  async endTransaction({ headers, command }: StompFrame): Promise<Problem> {
    const id = headers.get('transaction');
    if (!id) return `${command} without transaction`;
    this.#transactions ??= new Transactions(this.#shared.transactions);
    const frames = this.#transactions.end(id);
    if ('problem' in frames) return frames.problem;
    if (command === 'ABORT') return undefined;
    if (!(await this.#mayPublish(frames))) return publishProblem('not_authorized');
    for (const frame of frames) {
      const problem = await this.#carryOut(frame);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /** Whether access control lets the client publish all of them. */
  async #mayPublish(frames: readonly StompFrame[]): Promise<boolean> {
    const { destinations } = this.#shared;
    for (const { command, headers } of frames) {
      if (command !== 'SEND') continue;
      const topic = destinations.topicOf(headers.get('destination') ?? '');
      if (!(await this.session.permits('publish', topic))) return false;
    }
    return true;
  }

  #carryOut({ command, headers, body }: StompFrame): MaybePromise<Problem> {
    const outside = { command, headers: headers.without('transaction'), body };
    return command === 'SEND' ? this.send(outside) : this.settle(outside, command === 'NACK');
  }
}

const HANDLERS: { readonly [command in RequestCommand]: Handler } = {
  SEND: (client, frame) => client.send(frame),
  SUBSCRIBE: (client, frame) => client.subscribe(frame),
  UNSUBSCRIBE: (client, frame) => client.unsubscribe(frame),
  ACK: (client, frame) => client.settle(frame, false),
  NACK: (client, frame) => client.settle(frame, true),
  BEGIN: (client, frame) => client.begin(frame),
  COMMIT: (client, frame) => client.endTransaction(frame),
  ABORT: (client, frame) => client.endTransaction(frame),
};

function publishProblem(result: PublishResult): Problem {
  if (isTaken(result)) return undefined;
  return `Not published (${result.replaceAll('_', ' ')})`;
}

function subscribeProblem(refusal: SubscribeRefusal): string {
  return `Not subscribed (${refusal.replaceAll('_', ' ')})`;
}
