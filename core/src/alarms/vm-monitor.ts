import { z } from 'zod';
import { duration, percent } from '../config/units.js';
import type { Engine } from '../engine/engine.js';
import { Periodic } from '../runtime/periodic.js';
import type { Alarms } from './alarms.js';
import type { Machine } from './machine.js';
import { demandOrder, percentOf, Watermark } from './watermark.js';

/**
 * The `vm_mon` section of the configuration: alarms about what every connection takes one of. In the reference these are
 * processes, here file descriptors; and places at a listener.
 */
export const vmMonConfigSchema = z
  .strictObject({
    check_interval: duration({ from: '1s', to: '1d', orZero: true })
      .prefault('30s')
      .describe(
        'how often file descriptors, of which each connection takes one, and connections of listeners are counted; 0 for never',
      ),
    process_high_watermark: percent()
      .prefault('80%')
      .describe('an alarm becomes active when Portico has more than this of those it may have (ulimit -n)'),
    process_low_watermark: percent()
      .prefault('60%')
      .describe('it is over when Portico has no more than this'),
    connection_high_watermark: percent()
      .prefault('80%')
      .describe('an alarm becomes active when a listener has more than this of its max_connections'),
    connection_low_watermark: percent()
      .prefault('75%')
      .describe('it is over when the listener has no more than this'),
  })
  .superRefine(demandOrder('process_low_watermark', 'process_high_watermark'))
  .superRefine(demandOrder('connection_low_watermark', 'connection_high_watermark'));

export type VmMonConfig = z.output<typeof vmMonConfigSchema>;

/** Raises an alarm before there are no more file descriptors for new connections. */
export class VmMonitor {
  readonly #machine: Machine;
  readonly #engine: Engine;
  readonly #openFiles: Watermark;
  readonly #checks: Periodic;

  constructor(alarms: Alarms, engine: Engine, machine: Machine, config: VmMonConfig) {
    this.#engine = engine;
    this.#machine = machine;
    this.#openFiles = new Watermark(alarms, {
      name: 'too_many_open_files',
      what: 'Usage of file descriptors',
      ...marksOf(config),
    });
    this.#checks = new Periodic(engine.timers, config.check_interval, () => this.#check());
  }

  start(): void {
    this.#checks.start();
  }

  stop(): void {
    this.#checks.stop();
  }

  adjust(config: VmMonConfig): void {
    this.#openFiles.adjust(marksOf(config));
    this.#checks.adjust(config.check_interval);
  }

  #check(): void {
    this.#machine
      .openFiles()
      .then((usage) => usage && this.#openFiles.measured(percentOf(usage)))
      .catch((error: unknown) => this.#engine.log.error({ err: error }, 'file descriptors not counted'));
  }
}

function marksOf({ process_high_watermark: high, process_low_watermark: low }: VmMonConfig) {
  return { high, low };
}
