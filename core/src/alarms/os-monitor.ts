import { z } from 'zod';
import { duration, percent } from '../config/units.js';
import { Periodic } from '../runtime/periodic.js';
import type { Timers } from '../runtime/timers.js';
import type { Alarms } from './alarms.js';
import type { Machine, Usage } from './machine.js';
import { demandOrder, percentOf, Watermark } from './watermark.js';

/** The `os_mon` section of the configuration: alarms about processors and memory. */
export const osMonConfigSchema = z
  .strictObject({
    cpu_check_interval: duration({ from: '1s', to: '1d', orZero: true })
      .prefault('60s')
      .describe('how often the processors are looked at; 0 for never'),
    cpu_high_watermark: percent()
      .prefault('80%')
      .describe('an alarm becomes active when the processors of the machine were busier than this'),
    cpu_low_watermark: percent().prefault('60%').describe('it is over when they were no busier than this'),
    mem_check_interval: duration({ from: '1s', to: '1d', orZero: true })
      .prefault('60s')
      .describe('how often memory is looked at; 0 for never'),
    sysmem_high_watermark: percent()
      .prefault('70%')
      .describe('an alarm is active while more than this of the memory of the machine is used'),
    procmem_high_watermark: percent()
      .prefault('50%')
      .describe('an alarm is active while Portico takes more than this of the memory that it may take'),
  })
  .superRefine(demandOrder('cpu_low_watermark', 'cpu_high_watermark'));

export type OsMonConfig = z.output<typeof osMonConfigSchema>;

/** Raises alarms about processors and memory. */
export class OsMonitor {
  readonly #machine: Machine;
  readonly #cpu: Watermark;
  readonly #memory: Watermark;
  readonly #processMemory: Watermark;
  readonly #cpuChecks: Periodic;
  readonly #memoryChecks: Periodic;
  /** At the last look. */
  #cpuTime: Usage = { used: 0, total: 0 };

  constructor(alarms: Alarms, timers: Timers, machine: Machine, config: OsMonConfig) {
    this.#machine = machine;
    this.#cpu = new Watermark(alarms, {
      name: 'high_cpu_usage',
      what: 'CPU usage',
      ...cpuMarksOf(config),
    });
    this.#memory = new Watermark(alarms, {
      name: 'high_system_memory_usage',
      what: 'System memory usage',
      high: config.sysmem_high_watermark,
    });
    this.#processMemory = new Watermark(alarms, {
      name: 'high_process_memory_usage',
      what: 'Process memory usage',
      high: config.procmem_high_watermark,
    });
    this.#cpuChecks = new Periodic(timers, config.cpu_check_interval, () => this.#checkCpu());
    this.#memoryChecks = new Periodic(timers, config.mem_check_interval, () => this.#checkMemory());
  }

  start(): void {
    this.#cpuTime = this.#machine.cpuTime();
    this.#cpuChecks.start();
    this.#memoryChecks.start();
  }

  stop(): void {
    this.#cpuChecks.stop();
    this.#memoryChecks.stop();
  }

  adjust(config: OsMonConfig): void {
    this.#cpu.adjust(cpuMarksOf(config));
    this.#memory.adjust({ high: config.sysmem_high_watermark });
    this.#processMemory.adjust({ high: config.procmem_high_watermark });
    this.#cpuChecks.adjust(config.cpu_check_interval);
    this.#memoryChecks.adjust(config.mem_check_interval);
  }

  #checkCpu(): void {
    const before = this.#cpuTime;
    this.#cpuTime = this.#machine.cpuTime();
    const { used, total } = this.#cpuTime;
    this.#cpu.measured(percentOf({ used: used - before.used, total: total - before.total }));
  }

  #checkMemory(): void {
    this.#memory.measured(percentOf(this.#machine.memory()));
    this.#processMemory.measured(percentOf(this.#machine.processMemory()));
  }
}

function cpuMarksOf({ cpu_high_watermark: high, cpu_low_watermark: low }: OsMonConfig) {
  return { high, low };
}
