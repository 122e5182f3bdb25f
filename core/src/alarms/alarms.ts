import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { SysPublisher } from '../sys/sys-publisher.js';
import type { Alarm, AlarmDetails } from './alarm.js';
import type { AlarmConfig } from './alarm-config.js';

export interface AlarmsOptions {
  readonly config: AlarmConfig;
  readonly publisher: SysPublisher;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * What needs an operator at present, and what did. Whoever watches something activates an alarm when it goes wrong
 * and deactivates it when that is over; an operator may do so before. Both are logged, and published below
 * `alarms/`, docs/alarms.md. Nothing of it outlives the process.
 */
export class Alarms {
  readonly #options: AlarmsOptions;
  #config: AlarmConfig;
  readonly #active = new Map<string, Alarm>();
  /** The one that was over first comes first. */
  readonly #past: Alarm[] = [];

  constructor(options: AlarmsOptions) {
    this.#options = options;
    this.#config = options.config;
  }

  /** What is done about alarms from now on. */
  adjust(config: AlarmConfig): void {
    this.#config = config;
  }

  /** Those that are active, the oldest first. */
  get active(): readonly Alarm[] {
    return [...this.#active.values()];
  }

  /** Those that are over and not forgotten yet; the one that was over first comes first. */
  get past(): readonly Alarm[] {
    this.#forgetOld();
    return [...this.#past];
  }

  /** @returns false when an alarm of that name is active already: that one stays as it is */
  activate(name: string, message: string, details: AlarmDetails = {}): boolean {
    if (this.#active.has(name)) return false;
    const alarm: Alarm = {
      name,
      message,
      details,
      deactivate_at: 'infinity',
      activated: true,
      activate_at: this.#now(),
    };
    this.#active.set(name, alarm);
    this.#tell('activate', alarm);
    return true;
  }

  /** @returns false when no alarm of that name is active */
  deactivate(name: string): boolean {
    const active = this.#active.get(name);
    if (active === undefined) return false;
    this.#active.delete(name);
    const alarm: Alarm = { ...active, activated: false, deactivate_at: this.#now() };
    this.#past.push(alarm);
    this.#forgetOld();
    this.#tell('deactivate', alarm);
    return true;
  }

  /** Forgets those that are over. */
  forgetPast(): void {
    this.#past.length = 0;
  }

  #now(): number {
    return this.#options.clock.now() * 1000;
  }

  #forgetOld(): void {
    const { size_limit, validity_period } = this.#config;
    const oldest = this.#now() - validity_period * 1000;
    const valid = this.#past.findIndex(({ deactivate_at }) => Number(deactivate_at) > oldest);
    const expired = valid === -1 ? this.#past.length : valid;
    this.#past.splice(0, Math.max(expired, this.#past.length - size_limit));
  }

  #tell(event: 'activate' | 'deactivate', alarm: Alarm): void {
    const { publisher, log } = this.#options;
    const { name, message, details } = alarm;
    if (this.#config.actions.includes('log')) {
      const text = event === 'activate' ? `alarm: ${message}` : `alarm over: ${message}`;
      log.warn({ alarm: name, ...details }, text);
    }
    if (this.#config.actions.includes('publish')) publisher.retain(`alarms/${event}`, JSON.stringify(alarm));
  }
}
