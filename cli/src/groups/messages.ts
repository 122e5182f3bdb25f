import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ApiCommandOptions } from '../management-api.js';
import { apiCommand } from './options.js';

/** Commands for messages. */
export function addMessageCommands(program: Command): void {
  addPublish(program);
  addSubscribe(program);
  addRetained(program);
  addTopicMetrics(program);
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

interface SubscribeOptions extends ApiCommandOptions {
  readonly user?: string;
  readonly password?: string;
  readonly count?: number;
}

function addSubscribe(program: Command): void {
  apiCommand(
    program,
    'subscribe <filter>',
    'print messages of a filter as they come, by MQTT over the first open mqtt:tcp listener of the hub',
    async (options: SubscribeOptions, filter: string) => {
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      const { subscribe } = await import('../commands/subscribe.js');
      return subscribe({ ...options, filter, stop: stop.signal });
    },
  )
    .option('--user <name>', 'user name for MQTT, where the hub asks for one')
    .option('--password <text>', 'password for MQTT')
    .option('--count <number>', 'end after so many messages', countOf);
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 1.');
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

function addTopicMetrics(program: Command): void {
  const load = () => import('../commands/topic-metrics.js');
  const metrics = program
    .command('topic-metrics')
    .description('count what passes through single topics, for as long as Portico runs');
  apiCommand(metrics, 'list', 'list the topics that are measured, with their messages', async (options) =>
    (await load()).listTopicMetrics(options),
  );
  apiCommand(metrics, 'show <topic>', 'show all that is counted of a topic', async (options, topic: string) =>
    (await load()).showTopicMetrics({ ...options, topic }),
  );
  apiCommand(metrics, 'add <topic>', 'measure a topic from now on', async (options, topic: string) =>
    (await load()).addTopicMetrics({ ...options, topic }),
  );
  apiCommand(metrics, 'del <topic>', 'do not measure a topic any more', async (options, topic: string) =>
    (await load()).removeTopicMetrics({ ...options, topic }),
  );
  apiCommand(metrics, 'clean', 'measure no topic any more', async (options) =>
    (await load()).removeAllTopicMetrics(options),
  );
}
