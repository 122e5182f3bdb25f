import { eachEntry } from '../../store/each-entry.js';
import type { Engine } from '../engine.js';
import type { QueuedDelivery } from '../message-queue.js';
import { Session } from '../session.js';
import type { Wills } from '../wills.js';
import { type DeliveryEntry, parseDeliveryKey } from './delivery-key.js';
import { decodeDelivery } from './delivery-record.js';
import { numberOf, TABLES } from './keys.js';
import { upgradeDeliveries } from './old-deliveries.js';
import { restoredDelivery, restoredSubscription } from './restored-delivery.js';
import {
  decodeProfile,
  decodeSession,
  decodeSubscription,
  type Profile,
  type SessionRecord,
} from './session-record.js';
import type { SessionRecords } from './session-records.js';

interface RestoredSession {
  readonly session: Session;
  readonly record: SessionRecord;
}

/** Sessions by what the store knows them as; undefined for those that cannot be understood. */
type Restored = ReadonlyMap<number, RestoredSession | undefined>;

/**
 * Brings back the sessions that the store has kept, with all that they hold but what they have to deliver:
 * that is read when somebody needs it. What cannot be understood is logged and left as it is, with all that belongs
 * to it: a later version may have written it.
 */
export async function restoreSessions(engine: Engine, wills: Wills, records: SessionRecords): Promise<void> {
  const restored = await sessions(engine, records, await profiles(engine, records));
  await subscriptions(engine, records, restored);
  await upgradeDeliveries(engine);
  await deliveries(engine, records, restored);
  dropOrphans(engine, records);
  awaitingRelease(engine, restored);
  const understood = [...restored.values()].filter((found) => found !== undefined);
  const over = new Set(understood.filter(({ session }) => !goesOn(engine, session)));
  for (const each of over) endRestored(engine, wills, each);
  for (const each of understood) if (!over.has(each)) restoreWill(engine, wills, each);
  engine.countSessions();
}

/** Whether a session is still its client's, and has time left. */
function goesOn({ sessions }: Engine, session: Session): boolean {
  return sessions.get(session.client.clientId) === session && session.restored();
}

/** The will of a client is due when its session has ended. */
function endRestored({ sessions }: Engine, wills: Wills, { session, record }: RestoredSession): void {
  const { client } = session;
  if (record.will !== undefined) wills.keep(client, record.will);
  session.end(sessions.get(client.clientId) === session ? 'expired' : 'discarded');
}

/** The will of a client waits for what is left of its delay. */
function restoreWill({ clock }: Engine, wills: Wills, { session, record }: RestoredSession): void {
  const { will, disconnectedAt } = record;
  if (will === undefined) return;
  const now = clock.now();
  const since = Math.max(0, now - (disconnectedAt ?? now));
  wills.clientLost(session.client, will, session.expiry, since);
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
  const restored = new Map<number, RestoredSession | undefined>();
  for (const key of engine.store.keys(TABLES.sessions)) restored.set(numberOf(key), undefined);
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
    if (!restored.has(owner)) engine.store.delete(TABLES.subscriptions, key);
    if (session !== undefined) {
      const subscription = restoredSubscription(session, filter, options);
      session.restoreSubscription(Object.assign(subscription, { number }));
    }
  });
}

/** What has to be delivered: most of it is left unread. */
async function deliveries(engine: Engine, records: SessionRecords, restored: Restored): Promise<void> {
  const { store } = engine;
  const sent = new Set([...store.keys(TABLES.sent)].map(numberOf));
  const toRead = new Map<string, DeliveryEntry>();
  const toErase: DeliveryEntry[] = [];
  for (const key of store.keys(TABLES.deliveries)) {
    const entry = parseDeliveryKey(key);
    if (entry === undefined) continue;
    records.noteNumber(entry.number);
    if (entry.body !== undefined) records.noteBody(entry.body);
    const session = restored.get(entry.session)?.session;
    if (!restored.has(entry.session)) toErase.push(entry);
    if (session === undefined) continue;
    if (entry.atStart || sent.has(entry.number) || session.options.priorities !== undefined) {
      toRead.set(key, entry);
    } else session.outbound.restoreUnread(entry);
  }
  for (const entry of toErase) records.erase(records.storedAs(entry));
  for (const { session, delivery, sent: wasSent } of await read(engine, records, restored, toRead)) {
    session.outbound.restore(delivery, wasSent || sent.has(delivery.stored?.number ?? 0));
  }
}

interface ReadDelivery {
  readonly session: Session;
  readonly delivery: QueuedDelivery;
  /** Whether it may have been sent when it was stored. */
  readonly sent: boolean;
}

/** Reads deliveries, in the order in which they were stored. */
async function read(
  engine: Engine,
  records: SessionRecords,
  restored: Restored,
  entries: ReadonlyMap<string, DeliveryEntry>,
): Promise<ReadDelivery[]> {
  const found: ReadDelivery[] = [];
  const use = (key: string, value: Buffer) => {
    const entry = entries.get(key);
    const session = entry && restored.get(entry.session)?.session;
    if (entry === undefined || session === undefined) return;
    const record = decodeDelivery(value);
    const delivery = restoredDelivery(session, record, records.storedAs(entry, record), undefined);
    found.push({ session, delivery, sent: record.sent });
  };
  if (entries.size > 0) {
    await eachEntry(engine.store, engine.log, TABLES.deliveries, use, (key) => entries.has(key));
  }
  return found.sort((a, b) => numberIn(a) - numberIn(b));
}

function numberIn({ delivery }: ReadDelivery): number {
  return delivery.stored?.number ?? 0;
}

/** Messages that no delivery needs: the hub fell before it could delete them. */
function dropOrphans({ store }: Engine, records: SessionRecords): void {
  for (const key of store.keys(TABLES.messages)) {
    const number = numberOf(key);
    records.noteNumber(number);
    if (records.bodyOf(number) === undefined) store.delete(TABLES.messages, key);
  }
}

function awaitingRelease(engine: Engine, restored: Restored): void {
  for (const key of engine.store.keys(TABLES.awaitingRelease)) {
    const [number = '', packetId = ''] = key.split('.');
    if (!restored.has(numberOf(number))) engine.store.delete(TABLES.awaitingRelease, key);
    restored.get(numberOf(number))?.session.awaitingRelease.add(Number(packetId));
  }
}
