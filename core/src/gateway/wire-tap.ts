import type { ConnectionInfo } from '../engine/client-info.js';
import { formatAddress } from '../engine/client-info.js';
import type { Clock } from '../runtime/clock.js';
import type { FrameRow } from './contract.js';

/** Which connections are watched: those that fit all that is given. */
export interface WireFilter {
  /** Name of a gateway: `jt808`. */
  readonly gateway?: string | undefined;
  readonly clientId?: string | undefined;
  /** IP address of the peer. */
  readonly host?: string | undefined;
}

/** One frame as it went over the wire, or the end of a connection. */
export interface WireEvent {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** `receive` from the peer, `send` to it. */
  readonly direction: 'receive' | 'send' | 'close';
  readonly gateway: string;
  readonly listener: string;
  /** `192.0.2.1:1234` */
  readonly peer: string;
  readonly clientid?: string | undefined;
  /** At the end of a connection, bytes that are no whole frame; missing where there are none. */
  readonly frame?: FrameRow | undefined;
  /** Why the connection has ended. */
  readonly reason?: string;
}

/** One end of a connection, as it is looked at. */
export interface WireEnd {
  readonly info: ConnectionInfo;
  /** Undefined before the client has introduced itself. */
  readonly clientId: string | undefined;
}

interface Watcher {
  readonly filter: WireFilter;
  readonly tell: (event: WireEvent) => void;
}

/** Most that watch at a time. */
const MAX_WATCHERS = 16;
/** Frames kept of a client that has not introduced itself, for those who watch it by its name. */
const KEPT_UNNAMED = 8;
/** Most digits of a frame or a field that are told, two for a byte. */
const MAX_HEX = 16_384;

/**
 * Lets operators watch what goes over the wire. Links ask {@link watched} before they do anything for it, so it costs
 * nothing while nobody watches.
 */
export class WireTap {
  /** Whether anybody watches. */
  watched = false;
  readonly #clock: Clock;
  readonly #watchers = new Set<Watcher>();
  #unnamed = new WeakMap<WireEnd, WireEvent[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Begins to watch.
   * @returns ends it; undefined when too many watch already
   */
  watch(filter: WireFilter, tell: (event: WireEvent) => void): (() => void) | undefined {
    if (this.#watchers.size >= MAX_WATCHERS) return undefined;
    const watcher = { filter, tell };
    this.#watchers.add(watcher);
    this.watched = true;
    return () => {
      this.#watchers.delete(watcher);
      this.watched = this.#watchers.size > 0;
      if (!this.watched) this.#unnamed = new WeakMap();
    };
  }

  /** Whether somebody watches a connection, or may when its client has introduced itself. */
  wants({ info, clientId }: WireEnd): boolean {
    if (!this.watched) return false;
    for (const { filter } of this.#watchers) {
      if (isWatched(filter, info, clientId ?? filter.clientId)) return true;
    }
    return false;
  }

  /**
   * Shows a frame.
   * @param rows the frame explained; more than one where bytes before it were passed over
   * @param fault what the link found wrong with the first of them; the others are behind it
   */
  frame(
    end: WireEnd,
    direction: 'receive' | 'send',
    rows: readonly FrameRow[],
    fault?: { readonly offset: number; readonly message: string },
  ): void {
    for (const row of fault === undefined ? rows : rows.slice(0, 1)) {
      this.#tell(end, direction, { frame: bounded(withFault(row, fault)) });
    }
  }

  /** Shows that a connection has ended. @param row what had come and was no whole frame */
  closed(end: WireEnd, reason: string, row: FrameRow | undefined): void {
    this.#tell(end, 'close', { reason, frame: row && bounded(row) });
  }

  #tell(end: WireEnd, direction: WireEvent['direction'], what: Pick<WireEvent, 'frame' | 'reason'>): void {
    const { info, clientId } = end;
    const { gateway, listener, peer } = info;
    const time = this.#clock.now();
    const event = {
      time,
      direction,
      gateway,
      listener,
      peer: formatAddress(peer),
      clientid: clientId,
      ...what,
    };
    for (const { filter, tell } of this.#watchers) {
      if (!isWatched(filter, info, clientId)) continue;
      if (filter.clientId !== undefined) for (const earlier of this.#unnamed.get(end) ?? []) tell(earlier);
      tell(event);
    }
    if (clientId === undefined) this.#keep(end, event);
    else this.#unnamed.delete(end);
  }

  #keep(end: WireEnd, event: WireEvent): void {
    const kept = this.#unnamed.get(end) ?? [];
    if (kept.length === KEPT_UNNAMED) kept.shift();
    kept.push(event);
    this.#unnamed.set(end, kept);
  }
}

function isWatched(filter: WireFilter, info: ConnectionInfo, clientId: string | undefined): boolean {
  return (
    (filter.gateway ?? info.gateway) === info.gateway &&
    (filter.host ?? info.peer.host) === info.peer.host &&
    (filter.clientId ?? clientId) === clientId
  );
}

function withFault(row: FrameRow, fault: { offset: number; message: string } | undefined): FrameRow {
  if (fault === undefined || row.faults.length > 0) return row;
  return { ...row, faults: [{ offset: fault.offset, reason: fault.message }] };
}

/** Without the end of what is very long. */
function bounded(row: FrameRow): FrameRow {
  if (row.hex.length <= MAX_HEX) return row;
  const fields = row.fields.map((field) => ({ ...field, hex: shortHex(field.hex) }));
  return { ...row, hex: shortHex(row.hex), fields };
}

function shortHex(hex: string): string {
  return hex.length > MAX_HEX ? `${hex.slice(0, MAX_HEX)}…` : hex;
}
