import { Argument, type Command } from 'commander';
import { apiCommand, CONFIG_OPTION, type ConfigOption } from './options.js';

const { env, stdout, stderr } = process;

/** Commands for what is loaded and can be changed at run time. */
export function addModuleCommands(program: Command): void {
  addModules(program);
  addListeners(program);
  addCertificates(program);
  addConfig(program);
}

const MODULE_ACTIONS = [
  ['enable', 'start it, now and whenever Portico starts', ['load']],
  ['disable', 'stop it, now and until it is enabled', ['unload']],
  ['restart', 'stop it and start it again', []],
  ['reload', 'have it take on what the configuration file says by now', []],
] as const;

function addModules(program: Command): void {
  const load = () => import('../commands/modules.js');
  const modules = program.command('modules').description('look at modules, enable and disable them');
  apiCommand(modules, 'list', 'list modules with their states', async (options) =>
    (await load()).listModules(options),
  );
  apiCommand(
    modules,
    'describe <name>',
    'show a module, and its configuration with where each value comes from',
    async (options, name: string) => (await load()).describeModule({ ...options, name }),
  );
  const gateways = program.command('gateways').description('look at gateways, enable and disable them');
  apiCommand(gateways, 'list', 'list gateways with their listeners and connections', async (options) =>
    (await load()).listGateways(options),
  );
  apiCommand(gateways, 'show <name>', 'show a gateway', async (options, name: string) =>
    (await load()).showGateway({ ...options, name }),
  );
  for (const [action, description, aliases] of MODULE_ACTIONS) {
    for (const group of [modules, gateways]) {
      apiCommand(group, `${action} <name>`, description, async (options, name: string) =>
        (await load()).changeModule({ ...options, name, action }),
      ).aliases(aliases);
    }
  }
}

const LISTENER_ACTIONS = [
  ['start', 'open a listener, now and whenever its gateway starts'],
  ['stop', 'close a listener and end its connections, now and until it is started'],
  ['restart', 'close a listener with its connections, and open it again'],
] as const;

function addListeners(program: Command): void {
  const load = () => import('../commands/listeners.js');
  const listeners = program.command('listeners').description('look at listeners, open and close them');
  apiCommand(
    listeners,
    'list',
    'list listeners with their connections, and why earlier ones have ended',
    async (options) => (await load()).listListeners(options),
    { isDefault: true },
  );
  for (const [action, description] of LISTENER_ACTIONS) {
    apiCommand(listeners, action, description, async (options, name: string, port: string | undefined) =>
      (await load()).changeListener({ ...options, name, port, action }),
    )
      .addArgument(new Argument('<name>', 'its name, or with a port its protocol: mqtt:tcp'))
      .addArgument(new Argument('[port]', 'the port, or the address with it, where it listens'));
  }
  apiCommand(
    listeners,
    'add <name> <bind>',
    'add a listener, such as stomp:tcp:second 127.0.0.1:61614, and open it',
    async (options, name: string, bind: string) => (await load()).addListener({ ...options, name, bind }),
  );
  apiCommand(
    listeners,
    'remove <name>',
    'close a listener that was added at run time, and forget it',
    async (options, name: string) => (await load()).removeListener({ ...options, name }),
  );
}

function addCertificates(program: Command): void {
  const load = () => import('../commands/certificates.js');
  const reload = program
    .command('certificates')
    .alias('pem_cache')
    .description('have certificates and keys of listeners read anew; connections live on')
    .command('reload')
    .alias('clean')
    .description('read certificates, keys, authorities and revocation lists anew');
  apiCommand(
    reload,
    'all',
    'of all listeners, and of the API; the word all may be left out',
    async (options) => (await load()).reloadCertificates(options),
    { isDefault: true },
  );
  apiCommand(reload, 'node <node>', 'of the listeners of a node', async (options, node: string) =>
    (await load()).reloadCertificates({ ...options, node }),
  );
}

interface ShowOptions extends ConfigOption {
  readonly origin?: boolean;
  readonly json?: boolean;
}

function addConfig(program: Command): void {
  const load = () => import('../commands/config.js');
  const config = program.command('config').description('look at the configuration, and change it');
  config
    .command('show [key]')
    .description('show every key with its value, or those below one key')
    .option(...CONFIG_OPTION)
    .option('--origin', 'say where each value comes from: file, run-time change, environment or default')
    .option('--json', 'print JSON')
    .action(async (key: string | undefined, { config: file, origin = false, json = false }: ShowOptions) => {
      const { showConfig } = await import('../commands/show-config.js');
      process.exitCode = await showConfig({ file, env, key, origin, json, stdout, stderr });
    });
  apiCommand<{ readonly pending?: boolean }, [string | undefined]>(
    config,
    'describe [key]',
    'show the configuration of a hub that runs, when changes of it hold, and what it does not run by yet',
    async (options, key) => (await load()).describeConfig({ ...options, key }),
  ).option('--pending', 'only keys whose values the hub does not run by yet');
  apiCommand(
    config,
    'reload',
    'have a hub that runs take on all that the configuration file says by now',
    async (options) => (await load()).reloadConfig(options),
  );
  apiCommand(
    config,
    'set <key> <value>',
    'give a key another value, such as gateways.stomp.max_headers 20, now and at later starts',
    async (options, key: string, value: string) => (await load()).setConfig({ ...options, key, value }),
  );
  apiCommand(
    config,
    'unset <key>',
    'take back what was changed of a key, or of a section, at run time',
    async (options, key: string) => (await load()).unsetConfig({ ...options, key }),
  );
}
