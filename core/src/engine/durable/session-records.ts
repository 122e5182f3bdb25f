import type { ClientPolicy } from '../../access/client-policy.js';
import type { Clock } from '../../runtime/clock.js';
import { LineLimit } from '../../runtime/line-limit.js';
import type { Logger } from '../../runtime/logger.js';
import type { Timers } from '../../runtime/timers.js';
import type { Store } from '../../store/store.js';
import type { Message } from '../message.js';
import type { Subscription } from '../subscription.js';
import type { SessionOptions } from '../types.js';
import { type DeliveryEntry, deliveryKey } from './delivery-key.js';
import {
  type DeliveryFacts,
  type DeliveryRecord,
  decodeDelivery,
  decodeOwnMessage,
  encodeDelivery,
} from './delivery-record.js';
import { keyOf, numberOf, TABLES } from './keys.js';
import { LastReads } from './last-reads.js';
import { decodeMessageRecord, encodeMessageRecord } from './message-record.js';
import {
  encodeProfile,
  encodeSession,
  encodeSubscription,
  type Profile,
  type SessionRecord,
} from './session-record.js';
import type { StoredBody, StoredDelivery } from './stored-delivery.js';

/** Milliseconds after which it is looked again whether the store can write. */
const RETRY = 1000;

/** Somebody whose deliveries wait until the store has them for good. */
interface Waiting {
  pumpSoon(): void;
}

/** A delivery that has been read; without its record or message where that is lost or cannot be understood. */
export interface ReadEntry {
  readonly entry: DeliveryEntry;
  readonly record: DeliveryRecord | undefined;
  readonly message: Message | undefined;
}

/** Key in the table of packet identifiers that await their release. */
function releaseKey(session: number, packetId: number): string {
  return `${keyOf(session)}.${packetId}`;
}

/**
 * Writes down what durable sessions are and hold, as it changes. What is written in one turn of the event loop
 * becomes durable together; whoever acknowledges something waits for `Store.commit`.
 */
export class SessionRecords {
  /** Where messages go that no session waits for any more. */
  readonly lastReads: LastReads;
  readonly #store: Store;
  readonly #timers: Timers;
  readonly #log: Logger;
  readonly #readFailures: LineLimit;
  /** Greater than all numbers given so far. */
  #next = 1;
  /** Keys of profiles by their text. */
  readonly #profiles = new Map<string, string>();
  /** The same by what they are made of. */
  readonly #profileKeys = new WeakMap<SessionOptions, WeakMap<ClientPolicy, string>>();
  readonly #waiting = new Set<Waiting>();
  /** Messages that are stored for several sessions, by their number. */
  readonly #bodies = new Map<number, StoredBody>();
  /** `Store.written` when the last session of a client ended, as long as that is not durable; see {@link ending}. */
  readonly #ending = new Map<string, number>();

  constructor(store: Store, clock: Clock, timers: Timers, log: Logger) {
    this.#store = store;
    this.#timers = timers;
    this.#log = log;
    this.#readFailures = new LineLimit(log, clock);
    store.onSettled(() => this.#forgetEndings());
    this.lastReads = new LastReads(this, (error) => log.error({ err: error }, 'a stored message is lost'));
  }

  /** A number for something that is to be stored; greater than all before. */
  nextNumber(): number {
    return this.#next++;
  }

  /** A number has been found in the store. */
  noteNumber(number: number): void {
    if (number >= this.#next) this.#next = number + 1;
  }

  /** A profile has been found in the store. */
  noteProfile(key: string, text: string): void {
    this.#profiles.set(text, key);
    this.noteNumber(numberOf(key));
  }

  saveSession(number: number, session: SessionRecord): void {
    const { options, client } = session;
    const profile = this.#profileKey({ options, policy: client.policy });
    this.#store.put(TABLES.sessions, keyOf(number), encodeSession(session, profile));
  }

  /** The sessions of a gateway or listener have the same objects for it, so it is seldom put into words. */
  #profileKey({ options, policy }: Profile): string {
    let byPolicy = this.#profileKeys.get(options);
    if (byPolicy === undefined) {
      byPolicy = new WeakMap();
      this.#profileKeys.set(options, byPolicy);
    }
    let key = byPolicy.get(policy);
    if (key === undefined) {
      key = this.#storedProfile(encodeProfile({ options, policy }));
      byPolicy.set(policy, key);
    }
    return key;
  }

  #storedProfile(text: string): string {
    const known = this.#profiles.get(text);
    if (known !== undefined) return known;
    const key = keyOf(this.nextNumber());
    this.#profiles.set(text, key);
    this.#store.put(TABLES.profiles, key, Buffer.from(text));
    return key;
  }

  /**
   * A session is over. As long as its will is not published, or messages of it are still to be given to others, it
   * stays in the store, as one whose time is up: should the hub fall meanwhile, the next one begins with them again.
   * @param willPending settles when its will is published; undefined when it has none any more
   */
  endSession(number: number, session: SessionRecord, willPending: Promise<unknown> | undefined): void {
    if (willPending === undefined) this.#forgetSession(number, session);
    else {
      this.saveSession(number, { ...session, expiry: 0 });
      void willPending.then(() => this.#forgetSession(number, session));
    }
    const { clientId } = session.client;
    this.#ending.delete(clientId);
    this.#ending.set(clientId, this.#store.written);
  }

  #forgetSession(number: number, session: SessionRecord): void {
    if (this.lastReads.busy) this.saveSession(number, { ...session, expiry: 0, will: undefined });
    this.lastReads.behind(() => this.#store.delete(TABLES.sessions, keyOf(number)));
  }

  /**
   * Settles when the end of a client's last session is durable: only then the client may be told that it begins anew,
   * or a fall of the hub could bring that session back. Undefined when there is nothing to wait for.
   * @throws StoreFailure (the promise rejects) when it could not be made durable
   */
  ending(clientId: string): Promise<void> | undefined {
    const endedAt = this.#ending.get(clientId);
    return endedAt === undefined || endedAt <= this.#store.settled ? undefined : this.#store.commit();
  }

  #forgetEndings(): void {
    for (const [clientId, endedAt] of this.#ending) {
      if (endedAt > this.#store.settled) return;
      this.#ending.delete(clientId);
    }
  }

  saveSubscription(session: number, subscription: Subscription): void {
    subscription.number ||= this.nextNumber();
    const record = encodeSubscription(session, subscription.filter, subscription.options);
    this.#store.put(TABLES.subscriptions, keyOf(subscription.number), record);
    subscription.storedAt =
      this.#store.failure === undefined ? this.#store.written : Number.POSITIVE_INFINITY;
  }

  deleteSubscription({ number }: Subscription): void {
    if (number !== 0) this.#store.delete(TABLES.subscriptions, keyOf(number));
  }

  /** A QoS 2 message of the session's client has been taken; another one under the same identifier is the same. */
  saveAwaitingRelease(session: number, packetId: number): void {
    this.#store.put(TABLES.awaitingRelease, releaseKey(session, packetId), EMPTY);
  }

  deleteAwaitingRelease(session: number, packetId: number): void {
    this.#store.delete(TABLES.awaitingRelease, releaseKey(session, packetId));
  }

  /** Stores a delivery, with its message: in the same record, or once for all when it is for several sessions. */
  storeDelivery(message: Message, subscription: Subscription, facts: DeliveryFacts): StoredDelivery {
    const { size } = message;
    const body = message.fanout > 1 ? this.#storedBody(message) : 'own';
    const number = this.nextNumber();
    const key = this.#put(number, body, size, subscription, facts, body === 'own' ? message : undefined);
    return { number, key, packetId: facts.packetId, body, size, writtenAt: this.#store.written, gone: false };
  }

  /** Stores a delivery whose message the client has: it is owed only the end of the exchange. */
  storeReceived(subscription: Subscription, facts: DeliveryFacts): StoredDelivery {
    const number = this.nextNumber();
    const key = this.#put(number, undefined, 0, subscription, facts);
    const { packetId } = facts;
    return { number, key, packetId, body: undefined, size: 0, writtenAt: this.#store.written, gone: false };
  }

  #storedBody(message: Message): StoredBody {
    const { stored } = message;
    if (stored !== undefined && stored.references > 0) {
      stored.references++;
      return stored;
    }
    const body: StoredBody = { number: this.nextNumber(), references: 1 };
    this.#bodies.set(body.number, body);
    this.#store.put(TABLES.messages, keyOf(body.number), encodeMessageRecord(message));
    message.stored = body;
    return body;
  }

  #put(
    number: number,
    body: StoredDelivery['body'],
    size: number,
    { filter, group, subscriptionIds }: Subscription,
    facts: DeliveryFacts,
    message?: Message,
  ): string {
    const { session, sent } = facts;
    const shared = typeof body === 'object' ? body.number : undefined;
    const key = deliveryKey({ session, number, size, body: shared, atStart: sent || group !== undefined });
    const where = shared ?? (body === 'own' ? body : undefined);
    const record = encodeDelivery({ ...facts, body: where, size, filter, subscriptionIds }, message);
    this.#store.put(TABLES.deliveries, key, record);
    return key;
  }

  /** The delivery may have been sent from now on. */
  markSent({ number }: StoredDelivery): void {
    this.#store.put(TABLES.sent, keyOf(number), EMPTY);
  }

  /** The client has the message, and is owed only the end of the exchange. */
  markReceived(stored: StoredDelivery, subscription: Subscription, facts: DeliveryFacts): void {
    const before = stored.key;
    this.#releaseBody(stored);
    stored.key = this.#put(stored.number, undefined, stored.size, subscription, facts);
    if (before !== stored.key) this.#store.delete(TABLES.deliveries, before);
    this.#store.delete(TABLES.sent, keyOf(stored.number));
  }

  /** The delivery is over. */
  forget(stored: StoredDelivery): void {
    if (stored.gone) return;
    stored.gone = true;
    this.erase(stored);
  }

  /** Deletes what is stored of a delivery that is over, and its message if nobody else needs it. */
  erase(stored: StoredDelivery): void {
    this.#store.delete(TABLES.deliveries, stored.key);
    this.#store.delete(TABLES.sent, keyOf(stored.number));
    this.#releaseBody(stored);
  }

  #releaseBody(stored: StoredDelivery): void {
    const { body } = stored;
    stored.body = undefined;
    if (typeof body !== 'object' || --body.references > 0) return;
    this.#bodies.delete(body.number);
    this.#store.delete(TABLES.messages, keyOf(body.number));
  }

  /** A delivery has been found in the store that needs a message stored for several. */
  noteBody(number: number): void {
    this.noteNumber(number);
    const body = this.#bodies.get(number);
    if (body === undefined) this.#bodies.set(number, { number, references: 1 });
    else body.references++;
  }

  /** A message that deliveries need; undefined when there is none of that number. */
  bodyOf(number: number): StoredBody | undefined {
    return this.#bodies.get(number);
  }

  /** Reads messages back; those that are not there any more are left out. @throws Error as {@link readMessage} */
  async readMessages(deliveries: readonly StoredDelivery[]): Promise<Map<StoredDelivery, Message>> {
    const messages = new Map<StoredDelivery, Message>();
    const reading = deliveries.map(async (delivery) => {
      const message = await this.readMessage(delivery);
      if (message !== undefined) messages.set(delivery, message);
    });
    await Promise.all(reading);
    return messages;
  }

  /**
   * A delivery of which only the key was known.
   * @param record what it says, if it has been read
   * @param writtenAt see `StoredDelivery`
   */
  storedAs(
    { key, number, size, body }: DeliveryEntry,
    record?: DeliveryRecord,
    writtenAt = 0,
  ): StoredDelivery {
    const own = record === undefined || record.body !== undefined ? 'own' : undefined;
    const where = body === undefined ? own : this.#bodies.get(body);
    return { number, key, packetId: record?.packetId ?? 0, body: where, size, writtenAt, gone: false };
  }

  /** Reads deliveries with their messages. @throws Error when the store cannot be read */
  readEntries(entries: readonly DeliveryEntry[]): Promise<ReadEntry[]> {
    return Promise.all(entries.map((entry) => this.#readEntry(entry)));
  }

  async #readEntry(entry: DeliveryEntry): Promise<ReadEntry> {
    const value = await this.#store.get(TABLES.deliveries, entry.key);
    const record = this.#decoded(value, decodeDelivery);
    if (record?.body === 'own') return { entry, record, message: this.#decoded(value, decodeOwnMessage) };
    const message = record && (await this.readMessage(this.storedAs(entry)));
    return { entry, record, message };
  }

  /**
   * Reads a message back; undefined when it is not there any more, or nothing that can be understood.
   * @throws Error when the store cannot be read
   */
  async readMessage({ key, body }: StoredDelivery): Promise<Message | undefined> {
    if (body === undefined) return undefined;
    if (body === 'own') return this.#decoded(await this.#store.get(TABLES.deliveries, key), decodeOwnMessage);
    const record = await this.#store.get(TABLES.messages, keyOf(body.number));
    const message = this.#decoded(record, decodeMessageRecord);
    if (message !== undefined) message.stored = body;
    return message;
  }

  #decoded<T>(record: Buffer | undefined, decode: (record: Buffer) => T): T | undefined {
    try {
      return record && decode(record);
    } catch (error) {
      this.#log.error({ err: error }, 'a stored message cannot be understood');
      return undefined;
    }
  }

  /** The store could not be read: tries again after a while. */
  retryReading(error: unknown, again: () => void): void {
    this.#readFailures.write('error', { err: error }, 'stored messages cannot be read at present');
    this.#timers.after(RETRY, again);
  }

  /**
   * Whether the store has for good what was written.
   * @param writtenAt `Store.written` then
   * @param waiting goes on when it has, if it has not yet
   */
  isSettled(writtenAt: number, waiting: Waiting): boolean {
    if (writtenAt <= this.#store.settled) return true;
    if (this.#waiting.size === 0) this.#awaitCommit();
    this.#waiting.add(waiting);
    return false;
  }

  #awaitCommit(): void {
    const committed = this.#store.commit() ?? Promise.resolve();
    committed.then(
      () => this.#pumpWaiting(),
      () => this.#timers.after(RETRY, () => this.#awaitCommit()),
    );
  }

  #pumpWaiting(): void {
    for (const waiting of this.#waiting) waiting.pumpSoon();
    this.#waiting.clear();
  }
}

const EMPTY = Buffer.alloc(0);
