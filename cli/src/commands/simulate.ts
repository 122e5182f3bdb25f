import { systemClock } from '@portico/core';
import { flagOf, OptionError, type OptionRow, Run, SIMULATORS, type Simulator } from '@portico/simulators';
import { Command, Option } from 'commander';
import { EXIT, endAsCommander } from '../exit-codes.js';

export interface SimulateOptions {
  readonly stdout: { readonly isTTY?: boolean; write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/**
 * Runs simulated devices until their time is over, or SIGINT or SIGTERM comes; a second one ends them at once.
 * @param args what stands behind `portico simulate`
 * @returns the exit code: of failure when no device was let in
 */
export async function simulate(args: readonly string[], options: SimulateOptions): Promise<number> {
  let code: number = EXIT.done;
  const command = simulateCommand(async (simulator, given) => {
    code = await run(simulator, given, options);
  });
  await command.parseAsync(args, { from: 'user' });
  return code;
}

/** The command with all simulators. @param act runs one with its options */
export function simulateCommand(
  act: (simulator: Simulator, given: Readonly<Record<string, unknown>>) => Promise<void>,
): Command {
  const command = new Command('portico simulate')
    .description('devices that connect to a platform and do what real ones do')
    .helpCommand('help [protocol]', 'show what a simulator does')
    .exitOverride(endAsCommander);
  for (const simulator of SIMULATORS) {
    withOptions(command.command(simulator.name), simulator)
      .description(simulator.description)
      .action((given: Readonly<Record<string, unknown>>) => act(simulator, given));
  }
  return command;
}

function withOptions(command: Command, { options }: Simulator): Command {
  for (const [name, row] of Object.entries(options)) command.addOption(optionOf(name, row));
  return command;
}

function optionOf(name: string, { value, description, default: byDefault }: OptionRow): Option {
  const option = new Option(value === undefined ? flagOf(name) : `${flagOf(name)} <${value}>`, description);
  return byDefault === undefined ? option : option.default(byDefault);
}

async function run(
  simulator: Simulator,
  given: Readonly<Record<string, unknown>>,
  { stdout, stderr }: SimulateOptions,
): Promise<number> {
  let running: Run;
  try {
    running = new Run(simulator.read(given), { clock: systemClock, stdout });
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    stderr.write(`${error.message}\nTry portico simulate ${simulator.name} --help\n`);
    return EXIT.usage;
  }
  const stop = () => running.stop();
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await running.finish();
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
