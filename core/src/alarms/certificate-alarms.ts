import type { Engine } from '../engine/engine.js';
import { Periodic } from '../runtime/periodic.js';
import type { Alarms } from './alarms.js';

/** How long before its end an alarm tells of a certificate: 30 days, in milliseconds. */
const NOTICE = 30 * 86_400_000;
/** Milliseconds between two looks. */
const INTERVAL = 3_600_000;

/** A listener, as far as its certificates go. */
export interface CertificateHolder {
  /** Full name: `mqtt:tls:default`. */
  readonly name: string;
  /** Milliseconds since 1970 when the first of its certificates ends; undefined when it has none. */
  readonly certificatesEnd?: number | undefined;
}

/** Raises an alarm for each listener one of whose certificates ends soon, or has ended. */
export class CertificateAlarms {
  readonly #alarms: Alarms;
  readonly #engine: Engine;
  readonly #listeners: () => readonly CertificateHolder[];
  readonly #looks: Periodic;
  /** Names of listeners whose alarm has been raised, and when their certificates end. */
  readonly #told = new Map<string, number>();

  /** @param listeners gives those that there are at present */
  constructor(alarms: Alarms, engine: Engine, listeners: () => readonly CertificateHolder[]) {
    this.#alarms = alarms;
    this.#engine = engine;
    this.#listeners = listeners;
    this.#looks = new Periodic(engine.timers, INTERVAL, () => this.look());
  }

  start(): void {
    this.look();
    this.#looks.start();
  }

  stop(): void {
    this.#looks.stop();
  }

  /** To be called when certificates have been read anew; by itself it looks each hour. */
  look(): void {
    const soon = this.#engine.clock.now() + NOTICE;
    for (const { name, certificatesEnd: end = Number.POSITIVE_INFINITY } of this.#listeners()) {
      const alarm = `certificate_expiry:${name}`;
      const told = this.#told.get(name);
      if (told !== undefined && told !== end) {
        this.#told.delete(name);
        this.#alarms.deactivate(alarm);
      }
      if (end > soon || told === end) continue;
      this.#told.set(name, end);
      const text = new Date(end).toISOString();
      this.#alarms.activate(alarm, `A certificate of ${name} is good until ${text}`, { not_after: text });
    }
  }
}
