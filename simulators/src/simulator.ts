import type { MakeDevice } from './fleet/contract.js';
import {
  COMMON_OPTIONS,
  type CommonValues,
  type OptionTable,
  type OptionValues,
  portOption,
  readOptions,
} from './options.js';

/** What there is to say of the simulator of one protocol; {@link defineSimulator} makes it. */
export interface Simulator {
  /** Its word on the command line: `portico simulate <name>`. */
  readonly name: string;
  readonly description: string;
  /** All its options, those that every simulator has included. */
  readonly options: OptionTable;
  /**
   * @param given what the command line has for each option
   * @throws OptionError
   */
  read(given: Readonly<Record<string, unknown>>): Simulation;
}

/** What is to be simulated. */
export interface Simulation {
  readonly name: string;
  readonly common: CommonValues & { readonly port: number };
  readonly makeDevice: MakeDevice;
}

interface SimulatorDescription<Options extends OptionTable> {
  readonly name: string;
  readonly description: string;
  /** The port that the protocol has in Portico. */
  readonly port: number;
  /** Those that only this one has. */
  readonly options: Options;
  /**
   * How devices are made with these options.
   * @throws OptionError when options do not fit one another
   */
  readonly device: (values: OptionValues<Options> & CommonValues) => MakeDevice;
}

/** Describes the simulator of a protocol: all that is needed for it to be a command. */
export function defineSimulator<Options extends OptionTable>({
  name,
  description,
  port,
  options: own,
  device,
}: SimulatorDescription<Options>): Simulator {
  const shared = { ...COMMON_OPTIONS, port: portOption(port) };
  return {
    name,
    description,
    options: { ...own, ...shared },
    read(given) {
      const common = readOptions(shared, given);
      return { name, common, makeDevice: device({ ...common, ...readOptions(own, given) }) };
    },
  };
}
