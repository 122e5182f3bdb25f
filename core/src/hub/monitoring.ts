import type { AlarmConfig } from '../alarms/alarm-config.js';
import { Alarms } from '../alarms/alarms.js';
import { CertificateAlarms, type CertificateHolder } from '../alarms/certificate-alarms.js';
import { ConnectionAlarms, type LimitedListener } from '../alarms/connection-alarms.js';
import { thisMachine } from '../alarms/machine.js';
import { type OsMonConfig, OsMonitor } from '../alarms/os-monitor.js';
import { StoreAlarms } from '../alarms/store-alarms.js';
import { type VmMonConfig, VmMonitor } from '../alarms/vm-monitor.js';
import type { Engine } from '../engine/engine.js';
import type { Logger } from '../runtime/logger.js';
import type { SysPublisher } from '../sys/sys-publisher.js';
import { type SysmonConfig, SystemMonitor } from '../sys/system-monitor.js';

/** The sections of the configuration about what is watched, which can be changed at any time. */
export interface MonitoringConfig {
  readonly sysmon: SysmonConfig;
  readonly alarm: AlarmConfig;
  readonly os_mon: OsMonConfig;
  readonly vm_mon: VmMonConfig;
}

/** Their names. */
export const MONITORING_SECTIONS: readonly (keyof MonitoringConfig)[] = [
  'sysmon',
  'alarm',
  'os_mon',
  'vm_mon',
];

interface MonitoringOptions {
  readonly engine: Engine;
  readonly publisher: SysPublisher;
  readonly log: Logger;
  /** Gives those that there are at present. */
  readonly listeners: () => readonly (CertificateHolder & LimitedListener)[];
}

/** Everything that watches a hub for what needs an operator, and the alarms that come of it. */
export class Monitoring {
  readonly alarms: Alarms;
  readonly certificates: CertificateAlarms;
  readonly #store: StoreAlarms;
  readonly #os: OsMonitor;
  readonly #vm: VmMonitor;
  readonly #connections: ConnectionAlarms;
  readonly #system: SystemMonitor;
  #config: MonitoringConfig;
  #started = false;

  constructor(config: MonitoringConfig, { engine, publisher, log, listeners }: MonitoringOptions) {
    const { alarm, os_mon, vm_mon, sysmon } = config;
    const alarms = new Alarms({ config: alarm, publisher, clock: engine.clock, log });
    this.alarms = alarms;
    this.certificates = new CertificateAlarms(alarms, engine, listeners);
    this.#store = new StoreAlarms(alarms, engine);
    this.#os = new OsMonitor(alarms, engine.timers, thisMachine, os_mon);
    this.#vm = new VmMonitor(alarms, engine, thisMachine, vm_mon);
    this.#connections = new ConnectionAlarms(alarms, engine, listeners, vm_mon);
    this.#system = new SystemMonitor(engine, publisher, alarms, sysmon);
    this.#config = config;
  }

  start(): void {
    this.#started = true;
    for (const part of this.#parts) part.start();
  }

  stop(): void {
    this.#started = false;
    for (const part of this.#parts) part.stop();
  }

  /** Goes on by another configuration, while it is started. Alarms that are active stay so until their cause is gone. */
  adjust(changes: Partial<MonitoringConfig>): void {
    if (!this.#started) return;
    this.#config = { ...this.#config, ...changes };
    const { alarm, os_mon, vm_mon, sysmon } = this.#config;
    this.alarms.adjust(alarm);
    this.#os.adjust(os_mon);
    this.#vm.adjust(vm_mon);
    this.#connections.adjust(vm_mon);
    this.#system.adjust(sysmon);
  }

  get #parts() {
    return [this.certificates, this.#store, this.#os, this.#vm, this.#connections, this.#system];
  }
}
