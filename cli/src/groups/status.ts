import type { LogLevel } from '@portico/core';
import { Argument, type Command } from 'commander';
import type { VmPart } from '../commands/vm.js';
import type { ApiCommandOptions } from '../management-api.js';
import { apiCommand, CONFIG_OPTION, type ConfigOption } from './options.js';

const { env, stdout, stderr } = process;

/** Commands for the hub itself. */
export function addStatusCommands(program: Command): void {
  apiCommand(program, 'status', 'say whether Portico runs, which version, and since when', async (options) =>
    (await import('../commands/status.js')).showStatus(options),
  );
  addPingAndStop(program);
  addBroker(program);
  addVm(program);
  addAlarms(program);
  addLog(program);
}

function addPingAndStop(program: Command): void {
  const load = () => import('../commands/stop.js');
  apiCommand(program, 'ping', 'say pong when Portico runs', async (options) => (await load()).ping(options));
  // It is a process of this machine: where another API is cannot be said.
  program
    .command('stop')
    .description('stop the hub of this machine with this configuration, and wait until it has')
    .option(...CONFIG_OPTION)
    .option('--json', 'print JSON')
    .action(async ({ config, json = false }: ConfigOption & { readonly json?: boolean }) => {
      const nowhere = { url: undefined, app: undefined, secret: undefined, ca: undefined };
      process.exitCode = await (await load()).stopHub({
        file: config,
        env,
        json,
        stdout,
        stderr,
        ...nowhere,
      });
    });
}

function addBroker(program: Command): void {
  const load = () => import('../commands/broker.js');
  const broker = program.command('broker').description('show the version, for how long it runs, and numbers');
  apiCommand(
    broker,
    'show',
    'show the version, for how long it runs, and the time of day there',
    async (options) => (await load()).showBroker(options),
    { isDefault: true },
  );
  for (const [numbers, description] of [
    ['metrics', 'show what has been counted since the start'],
    ['stats', 'show how many clients, sessions, subscriptions … there are, and were at most'],
  ] as const) {
    for (const parent of [program, broker]) {
      apiCommand(
        parent,
        numbers,
        description,
        async (options: ApiCommandOptions & { readonly like?: string }) =>
          (await load()).showNumbers({ ...options, numbers }),
      ).option('--like <text>', 'those with this in their name');
    }
  }
}

function addVm(program: Command): void {
  const parts: readonly VmPart[] = ['all', 'load', 'memory', 'process', 'io', 'ports'];
  apiCommand(
    program,
    'vm',
    'show what the process takes: load of the machine, memory, connections, file descriptors, sockets',
    async (options, part: VmPart) => (await import('../commands/vm.js')).showVm({ ...options, part }),
  ).addArgument(new Argument('[part]', 'what of that').choices(parts).default('all'));
}

interface Which {
  readonly active?: boolean;
  readonly past?: boolean;
}

function addAlarms(program: Command): void {
  const load = () => import('../commands/alarms.js');
  const alarms = program.command('alarms').description('look at what needs an operator');
  apiCommand(
    alarms,
    'list',
    'list alarms, those that are active first',
    async ({ active, past, ...options }: ApiCommandOptions & Which) => {
      const which = active === past ? 'all' : active === true ? 'active' : 'past';
      return (await load()).listAlarms({ ...options, which });
    },
  )
    .option('--active', 'those that are active')
    .option('--past', 'those that are over');
  apiCommand(alarms, 'deactivate <name>', 'say that an alarm is over', async (options, name: string) =>
    (await load()).deactivateAlarm({ ...options, name }),
  );
  apiCommand(alarms, 'forget', 'forget those that are over', async (options) =>
    (await load()).forgetAlarms(options),
  );
}

const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

const LEVEL_MEANING = 'what is logged, and all that is worse';

function addLog(program: Command): void {
  const load = () => import('../commands/log.js');
  const log = program.command('log').description('change how much is logged, and where to');
  const level = () => new Argument('[level]', LEVEL_MEANING).choices(LEVELS);
  apiCommand(
    log,
    'level',
    'show the log level, or set it and that of all handlers, until Portico stops',
    async (options, wanted: string | undefined) => (await load()).logLevel({ ...options, level: wanted }),
  )
    .alias('set-level')
    .addArgument(level());
  apiCommand(
    log,
    'primary-level',
    'show the log level, or set it and leave those of handlers',
    async (options, wanted: string | undefined) =>
      (await load()).logLevel({ ...options, level: wanted, primary: true }),
  ).addArgument(level());
  addLogHandlers(log);
}

function addLogHandlers(log: Command): void {
  const load = () => import('../commands/log.js');
  const handlers = log.command('handlers').description('say where the log goes, until Portico stops');
  apiCommand(
    handlers,
    'list',
    'list where the log goes, or could go: the console, and files',
    async (options) => (await load()).listLogHandlers(options),
    { isDefault: true },
  );
  apiCommand(handlers, 'start <handler>', 'have the log go there', async (options, handler: string) =>
    (await load()).changeLogHandler({ ...options, handler, action: 'start' }),
  );
  apiCommand(
    handlers,
    'stop <handler>',
    'have the log not go there any more',
    async (options, handler: string) =>
      (await load()).changeLogHandler({ ...options, handler, action: 'stop' }),
  );
  apiCommand(
    handlers,
    'set-level <handler>',
    'set what goes there of what the log level lets through',
    async (options, handler: string, level: string) =>
      (await load()).setLogHandlerLevel({ ...options, handler, level }),
  ).addArgument(new Argument('<level>', LEVEL_MEANING).choices(LEVELS));
}
