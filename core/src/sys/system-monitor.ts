import { z } from 'zod';
import type { Alarms } from '../alarms/alarms.js';
import { duration } from '../config/units.js';
import { logFields } from '../engine/client-info.js';
import type { Engine } from '../engine/engine.js';
import { Timer } from '../runtime/timers.js';
import type { SysPublisher } from './sys-publisher.js';

/** The `sysmon` section of the configuration: which troubles of the process are reported. */
export const sysmonConfigSchema = z.strictObject({
  long_schedule: duration({ from: '1ms', to: '1h', orZero: true })
    .prefault('240ms')
    .describe('report when the event loop was blocked for longer than this; 0 for never'),
  busy_port: z
    .boolean()
    .default(false)
    .describe('report clients that read so slowly that publishers had to wait all of slow_consumer_grace'),
});

export type SysmonConfig = z.output<typeof sysmonConfigSchema>;

/** Milliseconds between two looks at the event loop. A block is seen if it lasts so much longer than the limit. */
const LOOK_INTERVAL = 100;
/** Milliseconds without a look after a report, so that a hub in trouble has not this to do as well. */
const PAUSE = 1000;
/** Milliseconds within which a second block raises an alarm, and without one after which it is over. */
const CALM = 60_000;
/** Of the alarm. */
const BLOCKED = 'event_loop_blocked';

/** Reports troubles of the process, in the log and below `sysmon/`; an alarm when the event loop is blocked repeatedly. */
export class SystemMonitor {
  readonly #engine: Engine;
  readonly #publisher: SysPublisher;
  readonly #alarms: Alarms;
  #config: SysmonConfig;
  readonly #timer = new Timer(() => this.#look());
  readonly #calmTimer = new Timer(() => this.#alarms.deactivate(BLOCKED));
  #dueAt = 0;

  constructor(engine: Engine, publisher: SysPublisher, alarms: Alarms, config: SysmonConfig) {
    this.#engine = engine;
    this.#publisher = publisher;
    this.#alarms = alarms;
    this.#config = config;
  }

  start(): void {
    if (this.#config.long_schedule > 0) this.#arm(LOOK_INTERVAL);
    if (this.#config.busy_port) this.#reportSlowClients();
  }

  stop(): void {
    this.#lookAway();
    this.#engine.timers.cancel(this.#calmTimer);
  }

  /** To be called while it is started. An alarm that is active stays so until it is calm. */
  adjust(config: SysmonConfig): void {
    this.#lookAway();
    this.#config = config;
    this.start();
  }

  #lookAway(): void {
    this.#engine.timers.cancel(this.#timer);
    this.#engine.backpressure.onGraceOver = () => {};
  }

  #arm(delay: number): void {
    this.#dueAt = this.#engine.clock.monotonic() + delay;
    this.#engine.timers.arm(this.#timer, delay);
  }

  /** A timer that fires late had to wait for something else to end. */
  #look(): void {
    const blocked = Math.round(this.#engine.clock.monotonic() - this.#dueAt);
    const tooLong = blocked > this.#config.long_schedule;
    this.#arm(tooLong ? PAUSE : LOOK_INTERVAL);
    if (!tooLong) return;
    this.#engine.log.warn({ milliseconds: blocked }, 'event loop was blocked');
    this.#publisher.publish(
      'sysmon/long_schedule',
      () => `long_schedule warning: the event loop was blocked for ${blocked} ms`,
    );
    this.#raiseIfRepeated();
  }

  #raiseIfRepeated(): void {
    if (this.#calmTimer.armed) {
      const details = { long_schedule: this.#config.long_schedule };
      this.#alarms.activate(BLOCKED, 'The event loop is blocked again and again', details);
    }
    this.#engine.timers.arm(this.#calmTimer, CALM);
  }

  #reportSlowClients(): void {
    this.#engine.backpressure.onGraceOver = (client) => {
      this.#engine.log.warn(logFields(client), 'client reads too slowly');
      this.#publisher.publish(
        'sysmon/busy_port',
        () => `busy_port warning: client ${client.clientId} on ${client.listener} reads too slowly`,
      );
    };
  }
}
