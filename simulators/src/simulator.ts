import type { MakeDevice } from './fleet/contract.js';
import {
  COMMON_OPTIONS,
  type CommonValues,
  OptionError,
  type OptionTable,
  type OptionValues,
  portOption,
  readOptions,
  UDP_OPTIONS,
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

type SharedValues = CommonValues & { readonly port: number; readonly udp: boolean };

/** What is to be simulated. */
export interface Simulation {
  readonly name: string;
  readonly common: SharedValues;
  readonly makeDevice: MakeDevice;
}

interface SimulatorDescription<Options extends OptionTable> {
  readonly name: string;
  readonly description: string;
  /** The port that the protocol has in Portico. */
  readonly port: number;
  /** Whether it is spoken over UDP too: its devices have the option `--udp` then. */
  readonly udp?: boolean;
  /** Those that only this one has. */
  readonly options: Options;
  /**
   * How devices are made with these options.
   * @throws OptionError when options do not fit one another
   */
  readonly device: (values: OptionValues<Options> & SharedValues) => MakeDevice;
}

/** Describes the simulator of a protocol: all that is needed for it to be a command. */
export function defineSimulator<Options extends OptionTable>({
  name,
  description,
  port,
  udp = false,
  options: own,
  device,
}: SimulatorDescription<Options>): Simulator {
  const shared = { ...COMMON_OPTIONS, port: portOption(port) };
  return {
    name,
    description,
    options: { ...own, ...shared, ...(udp && UDP_OPTIONS) },
    read(given) {
      const overUdp = udp && readOptions(UDP_OPTIONS, given).udp;
      const common = { ...readOptions(shared, given), udp: overUdp };
      if (common.udp && common.tls) throw new OptionError('--udp: there is no TLS over UDP');
      return { name, common, makeDevice: device({ ...common, ...readOptions(own, given) }) };
    },
  };
}
