import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { TraceRequest } from '../commands/traces.js';
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
    { isDefault: true },
  )
    // `portico trace` alone does so, too; who writes what it does is not told that there is no such option.
    .addOption(new Option('--wire', 'show frames live').hideHelp())
    .option('--gateway <name>', 'those of a gateway: mqtt, jt808 …')
    .option('--client <clientid>', 'those of a client')
    .option('--peer <address>', 'those of an IP address');
  addTraces(trace);
}

function parseSeconds(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}

function addTraces(trace: Command): void {
  const load = () => import('../commands/traces.js');
  apiCommand(
    trace,
    'start',
    'write into a file what a client, those of a topic, or an address do, and print the name of the trace',
    async (options: ApiCommandOptions & TraceRequest, type: string, condition: string) =>
      (await load()).startTrace({ ...options, type, condition }),
  )
    .addArgument(new Argument('<type>', 'what is traced').choices(['client', 'topic', 'ip']))
    .addArgument(new Argument('<condition>', 'the client id, the topic filter or the IP address'))
    .option('--name <name>', 'of the trace')
    .option('--seconds <n>', 'for how long (default: 10 minutes)', parseSeconds);
  apiCommand(trace, 'list', 'list traces', async (options) => (await load()).listTraces(options));
  for (const [action, description, run] of [
    ['show', 'show a trace', 'showTrace'],
    ['stop', 'end a trace; its file stays', 'stopTrace'],
    [
      'download',
      'print the file of a trace: a line of JSON for each thing that has happened',
      'downloadTrace',
    ],
    ['delete', 'end a trace, and delete it with its file', 'deleteTrace'],
  ] as const) {
    apiCommand(trace, `${action} <name>`, description, async (options, name: string) =>
      (await load())[run]({ ...options, name }),
    );
  }
}
