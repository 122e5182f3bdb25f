import type { Engine } from '../engine.js';
import type { InflightDelivery } from '../inflight.js';
import type { Message } from '../message.js';
import type { QueuedDelivery } from '../message-queue.js';
import type { Outbound } from '../outbound.js';
import type { Session } from '../session.js';
import type { Waiting } from '../waiting.js';
import { ahead } from './read-ahead.js';
import { restoredDelivery } from './restored-delivery.js';
import type { ReadEntry, SessionRecords } from './session-records.js';
import type { StoredDelivery } from './stored-delivery.js';

type Stored<Delivery> = Delivery & { readonly stored: StoredDelivery };

/** Reads from the store what a session sends next: what is to be sent again, and what waits. */
export class OutboundReads {
  readonly #engine: Engine;
  readonly #session: Session;
  readonly #outbound: Outbound;
  readonly #waiting: Waiting;
  #reading = false;

  constructor(engine: Engine, session: Session, outbound: Outbound, waiting: Waiting) {
    this.#engine = engine;
    this.#session = session;
    this.#outbound = outbound;
    this.#waiting = waiting;
  }

  /** Reads what goes next; the session goes on sending when it is there. */
  read(): void {
    const { records } = this.#engine;
    if (this.#reading || records === undefined) return;
    this.#reading = true;
    this.#readNext(records).then(
      () => this.#over(),
      (error: unknown) => records.retryReading(error, () => this.#over()),
    );
  }

  #over(): void {
    this.#reading = false;
    this.#outbound.pumpSoon();
  }

  async #readNext(records: SessionRecords): Promise<void> {
    const stale = [...ahead(this.#outbound.unacknowledged.unread())];
    const queued = [...this.#waiting.unread()];
    const backlog = this.#waiting.backlogAhead();
    const [messages, entries] = await Promise.all([
      records.readMessages([...stale, ...queued].map(({ stored }) => stored)),
      records.readEntries(backlog),
    ]);
    if (!this.#session.reachable) return;
    for (const delivery of stale) this.#takeStale(delivery, messages.get(delivery.stored));
    for (const delivery of queued) this.#takeQueued(delivery, messages.get(delivery.stored));
    this.#takeBacklog(records, entries);
  }

  #takeStale(delivery: Stored<InflightDelivery>, message: Message | undefined): void {
    if (delivery.stored.gone || delivery.released) return;
    this.#outbound.unacknowledged.read(delivery, message);
    if (message === undefined) this.#outbound.drops.stored(delivery.stored, undefined, 'lost');
  }

  #takeQueued(delivery: Stored<QueuedDelivery>, message: Message | undefined): void {
    if (delivery.stored.gone) return;
    if (message !== undefined) delivery.message = message;
    else if (this.#waiting.remove(delivery)) this.#outbound.drops.stored(delivery.stored, undefined, 'lost');
  }

  /** What has been dropped from the backlog meanwhile, or is not its first any more, is left where it is. */
  #takeBacklog(records: SessionRecords, entries: readonly ReadEntry[]): void {
    const writtenAt = this.#waiting.backlogWrittenAt;
    const deliveries: QueuedDelivery[] = [];
    for (const read of entries) {
      if (this.#waiting.backlogFirst?.key !== read.entry.key) continue;
      this.#waiting.shiftBacklog();
      const delivery = this.#deliveryOf(records, read, writtenAt);
      if (delivery !== undefined) deliveries.push(delivery);
      else this.#outbound.drops.unread(read.entry, 'lost');
    }
    this.#waiting.prepend(deliveries);
  }

  #deliveryOf(
    records: SessionRecords,
    { entry, record, message }: ReadEntry,
    writtenAt: number,
  ): QueuedDelivery | undefined {
    if (record === undefined || message === undefined) return undefined;
    try {
      return restoredDelivery(this.#session, record, records.storedAs(entry, record, writtenAt), message);
    } catch (error) {
      this.#engine.log.error({ err: error }, 'a stored delivery cannot be understood');
      return undefined;
    }
  }
}
