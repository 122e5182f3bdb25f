import { Argument, type Command } from 'commander';
import type { ApiCommandOptions } from '../management-api.js';
import { apiCommand } from './options.js';

/** Commands for what the hub was told at run time: who may use the API, and its data as a whole. */
export function addApplicationCommands(program: Command): void {
  addMgmt(program);
  addData(program);
}

function addMgmt(program: Command): void {
  const load = () => import('../commands/mgmt.js');
  const mgmt = program.command('mgmt').description('say which applications may use the API');
  apiCommand(mgmt, 'list', 'list applications', async (options) => (await load()).listApps(options));
  apiCommand(
    mgmt,
    'insert <appid> <name>',
    'make an application, and print its secret, which is shown this once',
    async (options: ApiCommandOptions & { readonly desc?: string }, id: string, name: string) =>
      (await load()).insertApp({ ...options, id, name }),
  ).option('--desc <text>', 'what it is, for people');
  apiCommand(mgmt, 'lookup <appid>', 'show an application', async (options, id: string) =>
    (await load()).lookupApp({ ...options, id }),
  );
  apiCommand(
    mgmt,
    'update <appid>',
    'let an application use the API, or not any more',
    async (options, id: string, status: string) => (await load()).updateApp({ ...options, id, status }),
  ).addArgument(new Argument('<status>').choices(['start', 'stop']));
  apiCommand(mgmt, 'delete <appid>', 'delete an application', async (options, id: string) =>
    (await load()).deleteApp({ ...options, id }),
  );
}

function addData(program: Command): void {
  const load = () => import('../commands/data.js');
  const data = program.command('data').description('take bans and applications to another hub');
  apiCommand(
    data,
    'export',
    'have the hub write them into a file in exports, below node.data_dir',
    async (options) => (await load()).exportData(options),
  );
  apiCommand(data, 'list', 'list the exports that the hub has', async (options) =>
    (await load()).listExports(options),
  );
  apiCommand(
    data,
    'import <file>',
    'have the hub take in an export: a file here, or the name of one that the hub has',
    async (options, source: string) => (await load()).importData({ ...options, source }),
  );
}
