import type { Command } from 'commander';
import type { WireConditions } from '../commands/wire.js';
import type { ApiCommandOptions } from '../management-api.js';
import { apiCommand } from './options.js';

/** Commands that show what clients and the hub say to each other. */
export function addTraceCommands(program: Command): void {
  const trace = program.command('trace').description('see what clients and the hub say to each other');
  apiCommand(
    trace,
    'wire',
    'show frames live, decoded, of all connections or those that fit all options',
    async (options: ApiCommandOptions & WireConditions) =>
      (await import('../commands/wire.js')).watchWire(options),
  )
    .option('--gateway <name>', 'those of a gateway: mqtt, jt808 …')
    .option('--client <clientid>', 'those of a client')
    .option('--peer <address>', 'those of an IP address');
}
