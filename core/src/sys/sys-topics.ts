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
  #stopEvents = () => {};
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
    const { engine, publisher } = this.#options;
    const { sys_interval, sys_client_events } = engine.config;
    this.#startedAt = engine.clock.monotonic();
    if (sys_client_events) this.#stopEvents = publishClientEvents(publisher, engine.hooks, engine.clock);
    if (sys_interval > 0) this.#introduce();
    this.#reports.start();
    this.#beats.start();
  }

  stop(): void {
    this.#reports.stop();
    this.#beats.stop();
    this.#stopEvents();
    this.#round = undefined;
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
