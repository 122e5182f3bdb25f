import type { ScramMechanism } from '@portico/core';
import { Command, Option } from 'commander';
import type { ClientConditions } from './commands/clients.js';
import { version } from './version.js';

const { env, stdin, stdout, stderr } = process;

/** Shown with every command that reads the configuration. */
const CONFIG_OPTION = ['-c, --config <file>', 'configuration file (default: config/portico.yaml)'] as const;

interface ConfigOption {
  readonly config?: string;
}

const program = new Command('portico')
  .description('IoT protocol gateway hub')
  .version(version(), '-V, --version', 'print the version')
  .helpCommand('help [command]', 'show what a command does')
  .enablePositionalOptions()
  .showHelpAfterError('Try portico --help');

program
  .command('start')
  .description('run Portico in the foreground until SIGTERM or SIGINT')
  .option(...CONFIG_OPTION)
  .action(async ({ config }: ConfigOption) => {
    const { startHub } = await import('./commands/start.js');
    // Not by exitCode: nothing that is still open may keep the process.
    process.exit(await startHub(config, version()));
  });

program
  .command('check-config')
  .description('say what is wrong with the configuration, environment and the files it names included')
  .option(...CONFIG_OPTION)
  .action(async ({ config }: ConfigOption) => {
    const { checkConfig } = await import('./commands/check-config.js');
    process.exitCode = await checkConfig({ file: config, env, stdout, stderr });
  });

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
    const { printPasswordHash } = await import('./commands/hash-password.js');
    process.exitCode = await printPasswordHash({ stdin, stdout, stderr, ...options });
  });

/** Options of a command that asks the API of a hub that runs. */
interface ApiOptions extends ConfigOption {
  readonly url?: string;
  readonly app?: string;
  readonly ca?: string;
  readonly json?: boolean;
}

interface DecodeFlags {
  readonly version?: string;
  readonly json?: boolean;
}

interface ShowOptions extends ConfigOption {
  readonly origin?: boolean;
  readonly json?: boolean;
}

function withApiOptions(command: Command): Command {
  return command
    .option(...CONFIG_OPTION)
    .option('--url <url>', 'where the management API is (default: of the hub with this configuration)')
    .option(
      '--app <id:secret>',
      'an application of the API (default: the one that the hub leaves in node.data_dir)',
    )
    .option('--ca <file>', 'PEM file with the authorities, or the certificate, that HTTPS is trusted by')
    .option('--json', 'print JSON');
}

/** What all commands of the API are told. */
function apiOptions({ config, url, app, ca, json = false }: ApiOptions) {
  return { file: config, url, app, ca, json, env, stdout, stderr };
}

withApiOptions(program.command('status'))
  .description('say whether Portico runs, which version, and since when')
  .action(async (options: ApiOptions) => {
    const { showStatus } = await import('./commands/status.js');
    process.exitCode = await showStatus(apiOptions(options));
  });

const clients = program.command('clients').description('look at clients, and end them');

withApiOptions(clients.command('list'))
  .description('list clients, connected or with a session')
  .option('--gateway <name>', 'those of a gateway: mqtt, mqttsn, coap …')
  .option('--state <state>', 'those in a state: connected, disconnected, asleep …')
  .option('--user <name>', 'those of a user')
  .option('--like <text>', 'those with this in their client id')
  .action(async ({ gateway, state, user, like, ...options }: ApiOptions & ClientConditions) => {
    const { listClients } = await import('./commands/clients.js');
    process.exitCode = await listClients({ ...apiOptions(options), gateway, state, user, like });
  });

withApiOptions(clients.command('show <clientid>'))
  .description('show all that is known of a client')
  .action(async (clientId: string, options: ApiOptions) => {
    const { showClient } = await import('./commands/clients.js');
    process.exitCode = await showClient({ ...apiOptions(options), clientId });
  });

withApiOptions(clients.command('kick <clientid>'))
  .description('end the connection and the session of a client')
  .action(async (clientId: string, options: ApiOptions) => {
    const { kickClient } = await import('./commands/clients.js');
    process.exitCode = await kickClient({ ...apiOptions(options), clientId });
  });

const modules = program.command('modules').description('look at modules, enable and disable them');

withApiOptions(modules.command('list'))
  .description('list modules with their states')
  .action(async (options: ApiOptions) => {
    const { listModules } = await import('./commands/modules.js');
    process.exitCode = await listModules(apiOptions(options));
  });

withApiOptions(modules.command('describe <name>'))
  .description('show a module, and its configuration with where each value comes from')
  .action(async (name: string, options: ApiOptions) => {
    const { describeModule } = await import('./commands/modules.js');
    process.exitCode = await describeModule({ ...apiOptions(options), name });
  });

const gateways = program.command('gateways').description('look at gateways, enable and disable them');

withApiOptions(gateways.command('list'))
  .description('list gateways with their listeners and connections')
  .action(async (options: ApiOptions) => {
    const { listGateways } = await import('./commands/modules.js');
    process.exitCode = await listGateways(apiOptions(options));
  });

withApiOptions(gateways.command('show <name>'))
  .description('show a gateway')
  .action(async (name: string, options: ApiOptions) => {
    const { showGateway } = await import('./commands/modules.js');
    process.exitCode = await showGateway({ ...apiOptions(options), name });
  });

for (const [action, description] of [
  ['enable', 'start it, now and whenever Portico starts'],
  ['disable', 'stop it, now and until it is enabled'],
  ['restart', 'stop it and start it again'],
  ['reload', 'have it take on what the configuration file says by now'],
] as const) {
  for (const group of [modules, gateways]) {
    withApiOptions(group.command(`${action} <name>`))
      .description(description)
      .action(async (name: string, options: ApiOptions) => {
        const { changeModule } = await import('./commands/modules.js');
        process.exitCode = await changeModule({ ...apiOptions(options), name, action });
      });
  }
}

const listeners = program.command('listeners').description('look at listeners, open and close them');

withApiOptions(listeners.command('list'))
  .description('list listeners with their connections, and why earlier ones have ended')
  .action(async (options: ApiOptions) => {
    const { listListeners } = await import('./commands/listeners.js');
    process.exitCode = await listListeners(apiOptions(options));
  });

for (const [action, description] of [
  ['start', 'open a listener, now and whenever its gateway starts'],
  ['stop', 'close a listener and end its connections, now and until it is started'],
  ['restart', 'close a listener with its connections, and open it again'],
] as const) {
  withApiOptions(listeners.command(`${action} <name>`))
    .description(description)
    .action(async (name: string, options: ApiOptions) => {
      const { changeListener } = await import('./commands/listeners.js');
      process.exitCode = await changeListener({ ...apiOptions(options), name, action });
    });
}

withApiOptions(listeners.command('add <name> <bind>'))
  .description('add a listener, such as stomp:tcp:second 127.0.0.1:61614, and open it')
  .action(async (name: string, bind: string, options: ApiOptions) => {
    const { addListener } = await import('./commands/listeners.js');
    process.exitCode = await addListener({ ...apiOptions(options), name, bind });
  });

withApiOptions(listeners.command('remove <name>'))
  .description('close a listener that was added at run time, and forget it')
  .action(async (name: string, options: ApiOptions) => {
    const { removeListener } = await import('./commands/listeners.js');
    process.exitCode = await removeListener({ ...apiOptions(options), name });
  });

const config = program.command('config').description('look at the configuration, and change that of modules');

config
  .command('show [key]')
  .description('show every key with its value, or those below one key')
  .option(...CONFIG_OPTION)
  .option('--origin', 'say where each value comes from: file, run-time change, environment or default')
  .option('--json', 'print JSON')
  .action(async (key: string | undefined, { config: file, origin = false, json = false }: ShowOptions) => {
    const { showConfig } = await import('./commands/config.js');
    process.exitCode = await showConfig({ file, env, key, origin, json, stdout, stderr });
  });

withApiOptions(config.command('set <key> <value>'))
  .description(
    'give a key of a module another value, such as gateways.stomp.max_headers 20, now and at later starts',
  )
  .action(async (key: string, value: string, options: ApiOptions) => {
    const { setConfig } = await import('./commands/config.js');
    process.exitCode = await setConfig({ ...apiOptions(options), key, value });
  });

withApiOptions(config.command('unset <key>'))
  .description('take back what was changed of a key, or of a section, at run time')
  .action(async (key: string, options: ApiOptions) => {
    const { unsetConfig } = await import('./commands/config.js');
    process.exitCode = await unsetConfig({ ...apiOptions(options), key });
  });

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
      const { storeCommands } = await import('./commands/store.js');
      process.exitCode = await storeCommands[name]({ file: config, dir, env, stdout, stderr });
    });
}

program
  .command('decode <gateway> <bytes>')
  .description('explain frames: bytes in hexadecimal, a file with them, or - for standard input')
  .option('--version <version>', 'what is spoken, where the bytes do not tell: 5 of MQTT, 2019 of JT/T 808')
  .option('--json', 'print JSON')
  .action(async (gateway: string, source: string, options: DecodeFlags) => {
    const { decodeBytes } = await import('./commands/decode.js');
    const { version: spoken, json = false } = options;
    process.exitCode = await decodeBytes({ gateway, source, version: spoken, json, stdin, stdout, stderr });
  });

program
  .command('simulate')
  .description('be devices, as many as are wanted: portico simulate --help tells of which protocols')
  .argument('[arguments...]')
  .usage('<protocol> [options]')
  .passThroughOptions()
  .allowUnknownOption()
  .helpOption(false)
  .action(async (args: readonly string[]) => {
    const { simulate } = await import('./commands/simulate.js');
    process.exitCode = await simulate(args, { stdout, stderr });
  });

program
  .command('version')
  .description('print the version')
  .action(() => {
    stdout.write(`${version()}\n`);
  });

program
  .command('generate', { hidden: true })
  .description('write the files that are made from the schema of the configuration')
  .action(async () => {
    const { generate } = await import('./commands/generate.js');
    generate(stdout);
  });

await program.parseAsync();
