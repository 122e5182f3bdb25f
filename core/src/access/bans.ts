import { isIPv6 } from 'node:net';
import { canonicalIPv6, plainAddress } from '../listeners/peer-address.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { Gauge } from '../runtime/metrics.js';
import type { Timer, Timers } from '../runtime/timers.js';
import { eachEntry } from '../store/each-entry.js';
import type { Store } from '../store/store.js';

/** What a client is banned by. */
export const BAN_KINDS = ['clientid', 'username', 'peerhost'] as const;
export type BanKind = (typeof BAN_KINDS)[number];

/** Somebody is not to come in for a while. */
export interface Ban {
  readonly as: BanKind;
  /** The client id, the username, or the IP address that the client connects from. */
  readonly who: string;
  /** Who says so: `user`, `flapping detector` … */
  readonly by: string;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds since 1970 from which on the client may come in again; Infinity for never. */
  readonly until: number;
}

/** What of a client decides whether it is banned. */
export interface Bannable {
  readonly clientId: string;
  readonly username: string | undefined;
  /** IP address. */
  readonly host: string;
}

/** Bans that there may be at a time: a ban is for the few; whom to let in at all is a matter of access control. */
export const MAX_BANS = 100_000;

const TABLE = 'bans';
/** How often bans that are over are cleared away, in milliseconds; they bind nobody in between. */
const SWEEP_INTERVAL = 60_000;

/** Who is banned at present. Made durable where the store is. */
export class Bans {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #gauge: Gauge;
  readonly #bans: Readonly<Record<BanKind, Map<string, Ban>>> = {
    clientid: new Map(),
    username: new Map(),
    peerhost: new Map(),
  };
  /** Those of which the log has told. */
  readonly #told = new WeakSet<Ban>();
  #sweepTimer: Timer | undefined;

  /** @param gauge shows how many there are */
  constructor(store: Store, clock: Clock, timers: Timers, gauge: Gauge) {
    this.#store = store;
    this.#clock = clock;
    this.#timers = timers;
    this.#gauge = gauge;
  }

  get size(): number {
    const { clientid, username, peerhost } = this.#bans;
    return clientid.size + username.size + peerhost.size;
  }

  /** Reads what the store has kept. @param log is told what cannot be understood */
  async load(log: Logger): Promise<void> {
    await eachEntry(this.#store, log, TABLE, (_, record) => this.#put(decodeRecord(record)));
    this.#sweep();
  }

  /**
   * Adds a ban, or replaces the one of the same kind for the same client.
   * @returns the ban, its address in the form in which listeners tell addresses; undefined when there are
   *   {@link MAX_BANS} already
   */
  add(wanted: Ban): Ban | undefined {
    const ban = { ...wanted, who: plainWho(wanted.as, wanted.who) };
    const known = this.#bans[ban.as].has(ban.who);
    if (!known && this.size >= MAX_BANS) this.#sweep();
    if (!known && this.size >= MAX_BANS) return undefined;
    this.#put(ban);
    if (this.#store.durable) this.#store.put(TABLE, recordKey(ban), encodeRecord(ban));
    return ban;
  }

  /** @returns false when there is no such ban */
  remove(as: BanKind, who: string): boolean {
    const plain = plainWho(as, who);
    if (!this.#bans[as].delete(plain)) return false;
    if (this.#store.durable) this.#store.delete(TABLE, recordKey({ as, who: plain }));
    this.#gauge.set(this.size);
    return true;
  }

  /** Those that are not over. */
  *list(): Generator<Ban> {
    const now = this.#clock.now();
    for (const kind of BAN_KINDS) {
      for (const ban of this.#bans[kind].values()) if (ban.until > now) yield ban;
    }
  }

  /** A ban that a client comes under; undefined when it may come in. */
  find({ clientId, username, host }: Bannable): Ban | undefined {
    return (
      this.#valid(this.#bans.clientid.get(clientId)) ??
      (username === undefined ? undefined : this.#valid(this.#bans.username.get(username))) ??
      this.#valid(this.#bans.peerhost.get(host))
    );
  }

  /**
   * Notes that the log tells of a ban.
   * @returns false when it has done so before: however often a banned client tries, one line is enough
   */
  tell(ban: Ban): boolean {
    if (this.#told.has(ban)) return false;
    this.#told.add(ban);
    return true;
  }

  #valid(ban: Ban | undefined): Ban | undefined {
    return ban !== undefined && ban.until > this.#clock.now() ? ban : undefined;
  }

  #put(ban: Ban): void {
    this.#bans[ban.as].set(ban.who, ban);
    this.#gauge.set(this.size);
    if (ban.until !== Number.POSITIVE_INFINITY) this.#armSweep();
  }

  #armSweep(): void {
    this.#sweepTimer ??= this.#timers.after(SWEEP_INTERVAL, () => this.#sweep());
    if (!this.#sweepTimer.armed) this.#timers.arm(this.#sweepTimer, SWEEP_INTERVAL);
  }

  #sweep(): void {
    const now = this.#clock.now();
    let expiring = false;
    for (const kind of BAN_KINDS) {
      for (const { who, until } of this.#bans[kind].values()) {
        if (until <= now) this.remove(kind, who);
        else if (until !== Number.POSITIVE_INFINITY) expiring = true;
      }
    }
    if (expiring) this.#armSweep();
  }
}

/** Whether a ban, as {@link Bans.add} returns it, is on this client. */
export function fits({ as, who }: Ban, { clientId, username, host }: Bannable): boolean {
  if (as === 'clientid') return who === clientId;
  return as === 'username' ? who === username : who === host;
}

function plainWho(as: BanKind, who: string): string {
  if (as !== 'peerhost') return who;
  return plainAddress(isIPv6(who) ? canonicalIPv6(who) : who);
}

function recordKey({ as, who }: Pick<Ban, 'as' | 'who'>): string {
  return `${as}:${who}`;
}

/** A ban as stored: JSON, in which null is for ever. */
function encodeRecord(ban: Ban): Buffer {
  return Buffer.from(JSON.stringify(ban));
}

function decodeRecord(record: Buffer): Ban {
  const ban = JSON.parse(record.toString()) as Ban & { until: number | null };
  return { ...ban, until: ban.until ?? Number.POSITIVE_INFINITY };
}
