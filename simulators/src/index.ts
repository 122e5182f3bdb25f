/**
 * Simulated devices for field engineers and tests: a fleet of them connects to a platform, Portico or another one, does what
 * real devices do, and counts what becomes of it. {@link SIMULATORS} has one description for each protocol, which is all
 * that the command line needs; what every device is to its fleet is in `fleet/contract.ts`.
 */

export { flagOf, OptionError, type OptionRow } from './options.js';
export { Run, type RunOptions } from './run.js';
export type { Simulation, Simulator } from './simulator.js';
export { SIMULATORS } from './simulators.js';
