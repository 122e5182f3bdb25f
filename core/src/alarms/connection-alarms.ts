import type { Engine } from '../engine/engine.js';
import type { ListenerStatistics } from '../listeners/connection.js';
import { Periodic } from '../runtime/periodic.js';
import type { Alarms } from './alarms.js';
import type { VmMonConfig } from './vm-monitor.js';
import { percentOf, Watermark } from './watermark.js';

/** A listener, as far as its limit goes. */
export interface LimitedListener {
  /** Full name: `mqtt:tcp:default`. */
  readonly name: string;
  readonly statistics: Pick<ListenerStatistics, 'connections' | 'maxConnections'>;
}

/** Raises an alarm for each listener that will soon refuse connections, since it has nearly as many as it may have. */
export class ConnectionAlarms {
  readonly #alarms: Alarms;
  readonly #listeners: () => readonly LimitedListener[];
  #config: VmMonConfig;
  readonly #checks: Periodic;
  /** By name of the listener. */
  readonly #watermarks = new Map<string, Watermark>();

  /** @param listeners gives those that there are at present */
  constructor(
    alarms: Alarms,
    engine: Engine,
    listeners: () => readonly LimitedListener[],
    config: VmMonConfig,
  ) {
    this.#alarms = alarms;
    this.#listeners = listeners;
    this.#config = config;
    this.#checks = new Periodic(engine.timers, config.check_interval, () => this.#check());
  }

  start(): void {
    this.#checks.start();
  }

  stop(): void {
    this.#checks.stop();
  }

  adjust(config: VmMonConfig): void {
    this.#config = config;
    for (const watermark of this.#watermarks.values()) watermark.adjust(marksOf(config));
    this.#checks.adjust(config.check_interval);
  }

  #check(): void {
    const gone = new Map(this.#watermarks);
    for (const { name, statistics } of this.#listeners()) {
      gone.delete(name);
      const { connections, maxConnections } = statistics;
      this.#watermarkOf(name).measured(percentOf({ used: connections, total: maxConnections }));
    }
    for (const [name, watermark] of gone) {
      watermark.measured(0);
      this.#watermarks.delete(name);
    }
  }

  #watermarkOf(name: string): Watermark {
    let watermark = this.#watermarks.get(name);
    if (watermark === undefined) {
      watermark = new Watermark(this.#alarms, {
        name: `too_many_connections:${name}`,
        what: `Usage of max_connections of ${name}`,
        ...marksOf(this.#config),
      });
      this.#watermarks.set(name, watermark);
    }
    return watermark;
  }
}

function marksOf({ connection_high_watermark: high, connection_low_watermark: low }: VmMonConfig) {
  return { high, low };
}
