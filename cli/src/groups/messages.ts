import { type Command, Option } from 'commander';
import type { ApiCommandOptions } from '../management-api.js';
import { apiCommand } from './options.js';

/** Commands for messages. */
export function addMessageCommands(program: Command): void {
  addPublish(program);
  addRetained(program);
}

interface PublishOptions extends ApiCommandOptions {
  readonly qos: string;
  readonly retain?: boolean;
  readonly clientId: string;
}

function addPublish(program: Command): void {
  apiCommand(
    program,
    'publish <topic> [payload]',
    'publish a message; its payload is standard input where none is given',
    async (options: PublishOptions, topic: string, payload: string | undefined) =>
      (await import('../commands/publish.js')).publish({ ...options, topic, payload, stdin: process.stdin }),
  )
    .addOption(new Option('--qos <qos>', 'the QoS').choices(['0', '1', '2']).default('0'))
    .option('--retain', 'have the topic keep it')
    .option('--client-id <clientid>', 'who the message is from', 'portico-publish');
}

function addRetained(program: Command): void {
  const load = () => import('../commands/retained.js');
  const retained = program
    .command('retained')
    .alias('retainer')
    .description('look at retained messages, delete them');
  apiCommand(retained, 'info', 'say how many there are, those below $SYS included', async (options) =>
    (await load()).countRetained(options),
  );
  apiCommand(
    retained,
    'list [filter]',
    'list those whose topics a filter matches (default: all but those that begin with $)',
    async (options, filter: string | undefined) => (await load()).listRetained({ ...options, filter }),
  ).alias('topics');
  apiCommand(retained, 'show <topic>', 'print the payload of one', async (options, topic: string) =>
    (await load()).showRetained({ ...options, topic }),
  );
  apiCommand(
    retained,
    'clean [filter]',
    'delete those whose topics a filter matches (default: all but those that begin with $)',
    async (options, filter: string | undefined) => (await load()).cleanRetained({ ...options, filter }),
  );
}
