import { type ClientPolicy, DEFAULT_CLIENT_POLICY } from '../../access/client-policy.js';
import type { ClientInfo } from '../client-info.js';
import type { MessageProperties, QoS } from '../message.js';
import type { QueuePriorities } from '../priority-queue.js';
import { sessionConfigSchema, sessionOptions } from '../session-config.js';
import type { SessionOptions, SubscribeOptions, Will } from '../types.js';
import { restoredClient, type StoredClient, storedClient } from './client-record.js';

/** Format of the records that are JSON; their field `format`. */
const FORMAT = 1;

/** A session as it is kept, without its subscriptions and deliveries. */
export interface SessionRecord {
  readonly client: ClientInfo;
  readonly options: SessionOptions;
  /** Seconds that it outlives its connection. */
  readonly expiry: number;
  /** See `ConnectRequest.mergeOverlapping`. */
  readonly merge: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970; undefined while its client is connected. */
  readonly disconnectedAt: number | undefined;
  /** Deliveries with smaller numbers may have been sent, whatever is written down about them. */
  readonly freshFrom: number;
  /** See `Session.rankedFrom`. */
  readonly rankedFrom: number;
  /** The will that is still to be published if the client does not come back, or leaves without a word. */
  readonly will: Will | undefined;
}

/** What many sessions have in common, and is kept once: their limits, and how their clients are treated. */
export interface Profile {
  readonly options: SessionOptions;
  readonly policy: ClientPolicy;
}

type StoredProperties = Omit<MessageProperties, 'correlationData'> & { correlationData?: string };

interface StoredWill {
  topic: string;
  payload: string;
  qos: QoS;
  retain: boolean;
  delay: number;
  properties?: StoredProperties;
}

interface StoredSession {
  format: number;
  profile: string;
  client: StoredClient;
  expiry: number;
  merge: boolean;
  createdAt: number;
  disconnectedAt?: number | undefined;
  freshFrom?: number | undefined;
  rankedFrom?: number | undefined;
  will?: StoredWill | undefined;
}

/** @param profile key of the {@link Profile} */
export function encodeSession(session: SessionRecord, profile: string): Buffer {
  const { client, expiry, merge, createdAt, disconnectedAt, freshFrom, rankedFrom, will } = session;
  const stored: StoredSession = {
    format: FORMAT,
    profile,
    client: storedClient(client),
    expiry,
    merge,
    createdAt,
    disconnectedAt,
    freshFrom: freshFrom || undefined,
    rankedFrom: rankedFrom || undefined,
    will: will && storedWill(will),
  };
  return Buffer.from(JSON.stringify(stored));
}

/**
 * What holds for sessions whose profile the store has lost, until their clients are back: nothing that waits is
 * dropped for a limit that nobody knows any more.
 */
const LOST_PROFILE: Profile = {
  options: sessionOptions(
    sessionConfigSchema.parse({ max_mqueue_len: 0, max_mqueue_bytes: 0, force_shutdown: 0 }),
  ),
  policy: DEFAULT_CLIENT_POLICY,
};

/**
 * @param profiles by their keys; in place of one that is not there {@link LOST_PROFILE} holds
 * @throws Error when the record is not one of {@link encodeSession}
 */
export function decodeSession(bytes: Buffer, profiles: ReadonlyMap<string, Profile>): SessionRecord {
  const stored = parsed<StoredSession>(bytes);
  const { client, expiry, merge, createdAt, disconnectedAt, freshFrom = 0, rankedFrom = 0, will } = stored;
  const profile = profiles.get(stored.profile) ?? LOST_PROFILE;
  return {
    client: restoredClient(client, profile.policy, expiry),
    options: profile.options,
    expiry,
    merge,
    createdAt,
    disconnectedAt,
    freshFrom,
    rankedFrom,
    will: will && { ...will, payload: Buffer.from(will.payload, 'base64'), properties: properties(will) },
  };
}

function storedWill({ topic, payload, qos, retain, delay, properties: given }: Will): StoredWill {
  const will: StoredWill = { topic, payload: payload.toString('base64'), qos, retain, delay };
  if (given === undefined) return will;
  const { correlationData, ...rest } = given;
  const data = correlationData && { correlationData: correlationData.toString('base64') };
  return { ...will, properties: { ...rest, ...data } };
}

function properties({ properties: stored }: StoredWill): MessageProperties | undefined {
  if (stored === undefined) return undefined;
  const { correlationData, ...rest } = stored;
  return correlationData === undefined
    ? rest
    : { ...rest, correlationData: Buffer.from(correlationData, 'base64') };
}

interface StoredPriorities {
  byTopic: [topic: string, priority: number][];
  /** `null` for above all others. */
  others: number | null;
}

interface StoredProfile {
  format: number;
  options: Omit<SessionOptions, 'priorities'> & { priorities?: StoredPriorities | undefined };
  policy: ClientPolicy;
}

export function encodeProfile({ options, policy }: Profile): string {
  const { priorities } = options;
  const stored: StoredProfile = {
    format: FORMAT,
    options: { ...options, priorities: priorities && storedPriorities(priorities) },
    policy,
  };
  return JSON.stringify(stored);
}

/** @throws Error when the record is not one of {@link encodeProfile} */
export function decodeProfile(bytes: Buffer): Profile {
  const { options, policy } = parsed<StoredProfile>(bytes);
  const { priorities } = options;
  return {
    options: {
      ...options,
      priorities: priorities && {
        byTopic: new Map(priorities.byTopic),
        others: priorities.others ?? Number.POSITIVE_INFINITY,
      },
    },
    policy: { ...policy, allowAnonymous: policy.allowAnonymous },
  };
}

function storedPriorities({ byTopic, others }: QueuePriorities): StoredPriorities {
  return { byTopic: [...byTopic], others: Number.isFinite(others) ? others : null };
}

interface StoredSubscription {
  format: number;
  /** Number of the session. */
  session: number;
  filter: string;
  options: SubscribeOptions;
}

/**
 * @param session its number
 * @param filter as the client asked for it
 */
export function encodeSubscription(session: number, filter: string, options: SubscribeOptions): Buffer {
  return Buffer.from(
    JSON.stringify({ format: FORMAT, session, filter, options } satisfies StoredSubscription),
  );
}

/** @throws Error when the record is not one of {@link encodeSubscription} */
export function decodeSubscription(bytes: Buffer): Omit<StoredSubscription, 'format'> {
  return parsed<StoredSubscription>(bytes);
}

function parsed<Stored extends { format: number }>(bytes: Buffer): Stored {
  const stored = JSON.parse(bytes.toString()) as Stored;
  if (stored.format !== FORMAT) throw new Error(`a record of format ${stored.format} is not known`);
  return stored;
}
