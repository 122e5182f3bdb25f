import type { Engine } from '../engine/engine.js';
import type { Store, StoreFailureKind } from '../store/store.js';
import type { AlarmDetails } from './alarm.js';
import type { Alarms } from './alarms.js';

/** Of the alarm for each reason why a store takes nothing on. */
const NAMES: Readonly<Record<StoreFailureKind, string>> = {
  full: 'store_disk_full',
  quota: 'store_quota_exceeded',
  io: 'store_io_error',
};

/** Raises alarms about the store: while it takes nothing new on, and from when on something in it was damaged. */
export class StoreAlarms {
  readonly #alarms: Alarms;
  readonly #engine: Engine;
  readonly #store: Store;
  #failure: StoreFailureKind | undefined;
  #damaged = 0;
  #stopped = false;

  constructor(alarms: Alarms, engine: Engine) {
    this.#alarms = alarms;
    this.#engine = engine;
    this.#store = engine.store;
  }

  /** Looks at what has happened so far, too. */
  start(): void {
    this.#store.onFailure(this.#lookLater);
    this.#store.onRecovered(this.#lookLater);
    this.#store.onDamaged(this.#lookLater);
    this.#look();
  }

  stop(): void {
    this.#stopped = true;
  }

  /** The store calls in the middle of whatever writes into it, and an alarm is published. */
  readonly #lookLater = (): void => {
    this.#engine.nextTurn(() => this.#look());
  };

  #look(): void {
    if (this.#stopped) return;
    const { failure, damaged } = this.#store;
    if (failure?.kind !== this.#failure) {
      if (this.#failure !== undefined) this.#alarms.deactivate(NAMES[this.#failure]);
      this.#failure = failure?.kind;
      if (failure !== undefined) {
        const details: AlarmDetails = { reason: failure.kind };
        this.#alarms.activate(
          NAMES[failure.kind],
          `the store takes nothing new on: ${failure.message}`,
          details,
        );
      }
    }
    if (damaged === this.#damaged) return;
    this.#damaged = damaged;
    this.#alarms.activate('store_damaged', 'the store is damaged: something in it is lost', {
      places: damaged,
    });
  }
}
