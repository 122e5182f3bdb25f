import type { Clock, Logger, Timers } from '@portico/core';
import type { Firmware } from '../firmware/firmware.js';
import type { AutoObserve } from '../observe/auto-observe.js';
import type { ObservationStore } from '../observe/observation-store.js';
import type { TokenTable } from '../observe/token-table.js';
import type { CommandStore } from '../queue/command-store.js';
import type { CommandCounters } from './counters.js';
import type { TypeSource } from './device-profile.js';

/** Configuration keys about commands and observations. */
export interface CommandSettings {
  /** Milliseconds. */
  readonly qmode_time_window: number;
  readonly auto_observe: AutoObserve;
  readonly max_commands: number;
  /** Milliseconds; 0 for never. */
  readonly command_expiry: number;
  readonly max_observations: number;
}

/** What the commands of all devices of a gateway share. */
export interface CommandServices {
  readonly settings: CommandSettings;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly counters: CommandCounters;
  readonly types: TypeSource;
  readonly store: CommandStore;
  readonly observations: ObservationStore;
  readonly tokens: TokenTable;
  readonly firmware: Firmware;
}
