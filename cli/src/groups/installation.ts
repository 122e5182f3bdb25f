import type { ScramMechanism } from '@portico/core';
import { Argument, type Command, Option } from 'commander';
import type { Shell } from '../completion.js';
import { version } from '../version.js';
import { CONFIG_OPTION, type ConfigOption } from './options.js';

const { env, stdin, stdout, stderr } = process;

/** Commands that need no hub that runs: to start one, and to look after what it needs. */
export function addInstallationCommands(program: Command): void {
  addStart(program);
  addHashPassword(program);
  addStore(program);
  addDecode(program);
  addSimulate(program);
  addCompletion(program);
  addVersionAndGenerate(program);
}

function addStart(program: Command): void {
  program
    .command('start')
    .description('run Portico in the foreground until SIGTERM or SIGINT')
    .option(...CONFIG_OPTION)
    .action(async ({ config }: ConfigOption) => {
      const { startHub } = await import('../commands/start.js');
      // Not by exitCode: nothing that is still open may keep the process.
      process.exit(await startHub(config, version()));
    });

  program
    .command('check-config')
    .description('say what is wrong with the configuration, environment and the files it names included')
    .option(...CONFIG_OPTION)
    .action(async ({ config }: ConfigOption) => {
      const { checkConfig } = await import('../commands/check-config.js');
      process.exitCode = await checkConfig({ file: config, env, stdout, stderr });
    });
}

function addHashPassword(program: Command): void {
  program
    .command('hash-password')
    .description('read a password and print its hash for access.users, or access.scram.users')
    .addOption(
      new Option('--scram [mechanism]', 'print what SCRAM keeps of it')
        .choices(['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] satisfies ScramMechanism[])
        .preset('SCRAM-SHA-256'),
    )
    .addOption(
      new Option('--iterations <count>', 'work of SCRAM for each guess and each login, 4096 to 1000000')
        .argParser(Number)
        .implies({ scram: 'SCRAM-SHA-256' }),
    )
    .action(async (options: { readonly scram?: ScramMechanism; readonly iterations?: number }) => {
      const { printPasswordHash } = await import('../commands/hash-password.js');
      process.exitCode = await printPasswordHash({ stdin, stdout, stderr, ...options });
    });
}

function addStore(program: Command): void {
  const store = program
    .command('store')
    .description('look after the embedded store while Portico does not run');

  for (const [name, description] of [
    ['check', 'read all of it, and say what is in it and where it is damaged'],
    ['compact', 'give back the space that it does not need'],
    ['export', 'print every entry as a line of JSON: table, key, and value in Base64'],
  ] as const) {
    store
      .command(name)
      .description(description)
      .option(...CONFIG_OPTION)
      .option('--dir <folder>', 'folder of the store (default: the one of the configuration)')
      .action(async ({ config, dir }: ConfigOption & { readonly dir?: string }) => {
        const { storeCommands } = await import('../commands/store.js');
        process.exitCode = await storeCommands[name]({ file: config, dir, env, stdout, stderr });
      });
  }
}

interface DecodeFlags {
  readonly version?: string;
  readonly json?: boolean;
}

function addDecode(program: Command): void {
  program
    .command('decode <gateway> <bytes>')
    .description('explain frames: bytes in hexadecimal, a file with them, or - for standard input')
    .option('--version <version>', 'what is spoken, where the bytes do not tell: 5 of MQTT, 2019 of JT/T 808')
    .option('--json', 'print JSON')
    .action(async (gateway: string, source: string, options: DecodeFlags) => {
      const { decodeBytes } = await import('../commands/decode.js');
      const { version: spoken, json = false } = options;
      process.exitCode = await decodeBytes({ gateway, source, version: spoken, json, stdin, stdout, stderr });
    });
}

function addSimulate(program: Command): void {
  program
    .command('simulate')
    .description('be devices, as many as are wanted: portico simulate --help tells of which protocols')
    .argument('[arguments...]')
    .usage('<protocol> [options]')
    .passThroughOptions()
    .allowUnknownOption()
    .helpOption(false)
    .action(async (args: readonly string[]) => {
      const { simulate } = await import('../commands/simulate.js');
      process.exitCode = await simulate(args, { stdout, stderr });
    });
}

function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script that makes a shell complete commands and options')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh'] satisfies Shell[]))
    .action(async (shell: Shell) => {
      const { printCompletion } = await import('../commands/completion.js');
      printCompletion(shell, program, stdout);
    });
}

function addVersionAndGenerate(program: Command): void {
  program
    .command('version')
    .description('print the version')
    .action(() => {
      stdout.write(`${version()}\n`);
    });

  program
    .command('generate', { hidden: true })
    .description('write the files that are made from the schema of the configuration and from the commands')
    .action(async () => {
      const { generate } = await import('../commands/generate.js');
      generate(program, stdout);
    });
}
