import type { BrokerConfig } from '../engine/broker-config.js';
import type { Engine } from '../engine/engine.js';
import type { Metrics } from '../runtime/metrics.js';
import { Periodic } from '../runtime/periodic.js';
import { localTimeText, uptimeText } from '../runtime/time-text.js';
import { publishClientEvents } from './client-events.js';
import { type NumberTopic, numberTopics } from './counter-topics.js';
import type { SysPublisher } from './sys-publisher.js';

/** Numbers published in one turn of the event loop. */
const BATCH = 50;

const DESCRIPTION = 'Portico, a protocol gateway hub';

export interface SysTopicsOptions {
  readonly engine: Engine;
  readonly metrics: Metrics;
  readonly publisher: SysPublisher;
  /** Name of this node. */
  readonly node: string;
  /** Version of the hub: `1.2.3`. */
  readonly version: string;
}

/**
 * What the hub tells of itself under `$SYS/brokers`, docs/sys-topics.md: who it is (retained), how long it has
 * been running, its statistics and counters, and whose client comes and goes. How often is in the `broker`
 * section of the configuration.
 */
export class SysTopics {
  readonly #options: SysTopicsOptions;
  readonly #reports: Periodic;
  readonly #beats: Periodic;
  /** Undefined while it does not tell whose client comes and goes. */
  #stopEvents: (() => void) | undefined;
  #started = false;
  #startedAt = 0;
  /** Numbers that are still to be published in this round. */
  #round: Generator<NumberTopic, undefined> | undefined;

  constructor(options: SysTopicsOptions) {
    this.#options = options;
    const { timers, config } = options.engine;
    this.#reports = new Periodic(timers, config.sys_interval, () => this.#report());
    this.#beats = new Periodic(timers, config.sys_heartbeat, () => this.#beat());
  }

  start(): void {
    const { engine } = this.#options;
    this.#started = true;
    this.#startedAt = engine.clock.monotonic();
    this.#tellOfClients(engine.config.sys_client_events);
    if (engine.config.sys_interval > 0) this.#introduce();
    this.#reports.start();
    this.#beats.start();
  }

  /** Goes on by another configuration, if it is started. What is retained stays. */
  adjust({ sys_interval, sys_heartbeat, sys_client_events }: BrokerConfig): void {
    this.#reports.adjust(sys_interval);
    this.#beats.adjust(sys_heartbeat);
    if (!this.#started) return;
    this.#tellOfClients(sys_client_events);
    if (sys_interval > 0) this.#introduce();
  }

  stop(): void {
    this.#started = false;
    this.#reports.stop();
    this.#beats.stop();
    this.#tellOfClients(false);
    this.#round = undefined;
  }

  #tellOfClients(tell: boolean): void {
    if (tell === (this.#stopEvents !== undefined)) return;
    const { engine, publisher } = this.#options;
    this.#stopEvents?.();
    this.#stopEvents = tell ? publishClientEvents(publisher, engine.hooks, engine.clock) : undefined;
  }

  #introduce(): void {
    const { publisher, node, version } = this.#options;
    publisher.retainNodes([node]);
    publisher.retain('version', version);
    publisher.retain('sysdescr', DESCRIPTION);
  }

  #beat(): void {
    const { engine, publisher } = this.#options;
    const { clock } = engine;
    publisher.publish('uptime', () => uptimeText(clock.monotonic() - this.#startedAt));
    publisher.publish('datetime', () => localTimeText(new Date(clock.now())));
  }

  #report(): void {
    this.#introduce();
    const unfinished = this.#round !== undefined;
    this.#round = numberTopics(this.#options.metrics);
    if (!unfinished) this.#publishBatch();
  }

  #publishBatch(): void {
    for (let i = 0; i < BATCH; i++) {
      const next = this.#round?.next().value;
      if (next === undefined) {
        this.#round = undefined;
        return;
      }
      this.#options.publisher.publish(next.path, () => String(next.value));
    }
    this.#options.engine.nextTurn(() => this.#publishBatch());
  }
}
