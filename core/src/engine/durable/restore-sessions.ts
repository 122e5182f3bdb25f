import { eachEntry } from '../../store/each-entry.js';
import { parseSubscription } from '../../topics/topic.js';
import type { Engine } from '../engine.js';
import { QueuedDelivery } from '../message-queue.js';
import { FIRST_OF_ALL } from '../priority-queue.js';
import { Session } from '../session.js';
import { Subscription } from '../subscription.js';
import type { SubscribeOptions } from '../types.js';
import type { Wills } from '../wills.js';
import { type DeliveryRecord, decodeDelivery } from './delivery-record.js';
import {
  decodeProfile,
  decodeSession,
  decodeSubscription,
  type Profile,
  type SessionRecord,
} from './session-record.js';
import { numberOf, type SessionRecords, TABLES } from './session-records.js';
import type { StoredBody, StoredDelivery } from './stored-delivery.js';

/** Sessions by what the store knows them as. */
type Restored = ReadonlyMap<number, { readonly session: Session; readonly record: SessionRecord }>;

/**
 * Brings back the sessions that the store has kept, with all that they hold but the messages themselves: those are
 * read when they are sent. What cannot be understood is logged and left out.
 */
export async function restoreSessions(engine: Engine, wills: Wills, records: SessionRecords): Promise<void> {
  const restored = await sessions(engine, records, await profiles(engine, records));
  await subscriptions(engine, records, restored);
  await deliveries(engine, records, restored);
  awaitingRelease(engine, restored);
  for (const { session } of restored.values()) {
    if (engine.sessions.get(session.client.clientId) === session) session.restored();
    else session.end('discarded');
  }
  for (const { session, record } of restored.values()) restoreWill(engine, wills, session, record);
  engine.countSessions();
}

/** The will of a client waits for what is left of its delay; it is due if the session has ended meanwhile. */
function restoreWill({ clock }: Engine, wills: Wills, session: Session, record: SessionRecord): void {
  const { will, disconnectedAt } = record;
  if (will === undefined) return;
  const now = clock.now();
  const since = Math.max(0, now - (disconnectedAt ?? now));
  wills.clientLost(session.client, will, session.ended ? 0 : session.expiry, since);
  session.save();
}

async function profiles(engine: Engine, records: SessionRecords): Promise<Map<string, Profile>> {
  const found = new Map<string, Profile>();
  await eachEntry(engine.store, engine.log, TABLES.profiles, (key, value) => {
    found.set(key, decodeProfile(value));
    records.noteProfile(key, value.toString());
  });
  return found;
}

async function sessions(
  engine: Engine,
  records: SessionRecords,
  known: ReadonlyMap<string, Profile>,
): Promise<Restored> {
  const restored = new Map<number, { session: Session; record: SessionRecord }>();
  await eachEntry(engine.store, engine.log, TABLES.sessions, (key, value) => {
    const number = numberOf(key);
    records.noteNumber(number);
    const record = decodeSession(value, known);
    const session = new Session(engine, record.client, record.options, record.expiry);
    session.restore(number, record);
    restored.set(number, { session, record });
    // One that had ended, but for messages that others were to get, makes way for the client's next one.
    const other = engine.sessions.get(record.client.clientId);
    if (other === undefined || other.number < number) engine.sessions.set(record.client.clientId, session);
  });
  return restored;
}

async function subscriptions(engine: Engine, records: SessionRecords, restored: Restored): Promise<void> {
  await eachEntry(engine.store, engine.log, TABLES.subscriptions, (key, value) => {
    const number = numberOf(key);
    records.noteNumber(number);
    const { session: owner, filter, options } = decodeSubscription(value);
    const session = restored.get(owner)?.session;
    if (session === undefined) engine.store.delete(TABLES.subscriptions, key);
    else session.restoreSubscription(restoredSubscription(session, number, filter, options));
  });
}

function restoredSubscription(
  session: Session,
  number: number,
  filter: string,
  options: SubscribeOptions,
): Subscription {
  const parsed = parseSubscription(filter);
  if (typeof parsed === 'string') throw new Error(parsed);
  const { mountpoint } = session.client;
  const route = mountpoint + parsed.filter;
  const subscription = new Subscription(session, filter, route, parsed.group, mountpoint.length, options);
  subscription.number = number;
  return subscription;
}

/** The messages themselves stay where they are. */
async function deliveries(engine: Engine, records: SessionRecords, restored: Restored): Promise<void> {
  const found: QueuedDelivery[] = [];
  const sent = new Set([...engine.store.keys(TABLES.sent)].map(numberOf));
  const bodies = new Map<number, StoredBody>();
  await eachEntry(engine.store, engine.log, TABLES.deliveries, (key, value) => {
    const number = numberOf(key);
    records.noteNumber(number);
    const record = decodeDelivery(value);
    const session = restored.get(record.session)?.session;
    if (session === undefined) records.forgetNumber(number);
    else {
      found.push(restoredDelivery(session, number, record, bodies));
      if (record.sent) sent.add(number);
    }
  });
  found.sort((a, b) => numberIn(a) - numberIn(b));
  dropOrphans(engine, records, bodies);
  // A session may drop some: all is known by now of who needs which message.
  for (const delivery of found) {
    delivery.subscription.session.outbound.restore(delivery, sent.has(numberIn(delivery)));
  }
}

function restoredDelivery(
  session: Session,
  number: number,
  record: DeliveryRecord,
  bodies: Map<number, StoredBody>,
): QueuedDelivery {
  const { packetId, qos, retain, priority, size } = record;
  const body = typeof record.body === 'number' ? bodyOf(record.body, bodies) : record.body;
  const stored: StoredDelivery = { number, packetId, body, size, writtenAt: 0, gone: false };
  const rank = number < session.rankedFrom ? FIRST_OF_ALL : priority;
  return new QueuedDelivery(undefined, subscriptionOf(session, record), qos, retain, rank, stored);
}

function numberIn({ stored }: QueuedDelivery): number {
  return stored?.number ?? 0;
}

function bodyOf(number: number, bodies: Map<number, StoredBody>): StoredBody {
  let body = bodies.get(number);
  if (body === undefined) {
    body = { number, references: 0 };
    bodies.set(number, body);
  }
  body.references++;
  return body;
}

/** The subscription that a delivery came by; one like it where the client has ended or changed it meanwhile. */
function subscriptionOf(session: Session, { filter, subscriptionIds, qos }: DeliveryRecord): Subscription {
  const present = session.subscriptions.get(filter);
  if (present !== undefined && same(present.subscriptionIds, subscriptionIds)) return present;
  const like = restoredSubscription(session, 0, filter, { qos });
  return subscriptionIds === undefined ? like : Object.assign(like, { subscriptionIds });
}

function same(some: readonly number[] = [], others: readonly number[] = []): boolean {
  return some.length === others.length && some.every((id, i) => id === others[i]);
}

/** Messages that no delivery needs: the hub fell before it could delete them. */
function dropOrphans(engine: Engine, records: SessionRecords, bodies: ReadonlyMap<number, StoredBody>): void {
  for (const key of engine.store.keys(TABLES.messages)) {
    const number = numberOf(key);
    records.noteNumber(number);
    if (!bodies.has(number)) engine.store.delete(TABLES.messages, key);
  }
}

function awaitingRelease(engine: Engine, restored: Restored): void {
  for (const key of engine.store.keys(TABLES.awaitingRelease)) {
    const [number = '', packetId = ''] = key.split('.');
    const session = restored.get(numberOf(number))?.session;
    if (session === undefined) engine.store.delete(TABLES.awaitingRelease, key);
    else session.awaitingRelease.add(Number(packetId));
  }
}
