import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { ClientConditions } from '../commands/clients.js';
import type { SubscriptionConditions } from '../commands/subscriptions.js';
import type { ApiCommandOptions } from '../management-api.js';
import { UNTIL_FORMS, untilOf } from '../times.js';
import { apiCommand } from './options.js';

/** What the states of all gateways' clients are called. */
export const STATES = [
  ...['connected', 'disconnected', 'active', 'asleep', 'awake', 'registering', 'registered', 'bootstrapping'],
];

/** What may be banned: names of the API. */
const BAN_KINDS = ['clientid', 'username', 'peerhost'];

/** Commands for who is connected, subscribed to what, and may do what. */
export function addClientCommands(program: Command): void {
  addClients(program);
  addSubscriptions(program);
  addRoutes(program);
  addAcl(program);
  addBanned(program);
}

function addClients(program: Command): void {
  const load = () => import('../commands/clients.js');
  const clients = program.command('clients').description('look at clients, and end them');
  apiCommand(
    clients,
    'list',
    'list clients, connected or with a session',
    async (options: ApiCommandOptions & ClientConditions) => (await load()).listClients(options),
  )
    .option('--gateway <name>', 'those of a gateway: mqtt, mqttsn, coap …')
    .addOption(new Option('--state <state>', 'those in a state').choices(STATES))
    .option('--user <name>', 'those of a user')
    .option('--like <text>', 'those with this in their client id');
  apiCommand(
    clients,
    'show <clientid>',
    'show all that is known of a client',
    async (options, clientId: string) => (await load()).showClient({ ...options, clientId }),
  );
  apiCommand(
    clients,
    'kick <clientid>',
    'end the connection and the session of a client',
    async (options, clientId: string) => (await load()).kickClient({ ...options, clientId }),
  );
}

function addSubscriptions(program: Command): void {
  const load = () => import('../commands/subscriptions.js');
  const subscriptions = program
    .command('subscriptions')
    .description('look at who is subscribed to what, subscribe clients that are connected');
  apiCommand(
    subscriptions,
    'list',
    'list subscriptions',
    async (options: ApiCommandOptions & SubscriptionConditions) => (await load()).listSubscriptions(options),
  )
    .option('--topic <filter>', 'those with this filter')
    .option('--match <topic>', 'those whose filter matches this topic')
    .addOption(new Option('--qos <qos>', 'those with this QoS').choices(['0', '1', '2']))
    .option('--share <group>', 'shared subscriptions of this group');
  apiCommand(
    subscriptions,
    'show <clientid>',
    'list the subscriptions of a client',
    async (options, clientId: string) => (await load()).showSubscriptions({ ...options, clientId }),
  );
  apiCommand(
    subscriptions,
    'add <clientid> <filter>',
    'subscribe a client that is connected, as if it had asked for it',
    async (options, clientId: string, topic: string, qos: string | undefined) =>
      (await load()).addSubscription({ ...options, clientId, topic, qos }),
  ).addArgument(new Argument('[qos]', 'the QoS').choices(['0', '1', '2']).default('0'));
  apiCommand(
    subscriptions,
    'del <clientid> <filter>',
    'unsubscribe a client that is connected',
    async (options, clientId: string, topic: string) =>
      (await load()).removeSubscription({ ...options, clientId, topic }),
  );
}

function addRoutes(program: Command): void {
  const load = () => import('../commands/routes.js');
  const routes = program.command('routes').description('look at the topic filters that messages go to');
  apiCommand(routes, 'list', 'list the topic filters that somebody is subscribed with', async (options) =>
    (await load()).listRoutes(options),
  );
  apiCommand(
    routes,
    'show <filter>',
    'show where somebody is subscribed with a topic filter',
    async (options, topic: string) => (await load()).showRoute({ ...options, topic }),
  );
}

function addAcl(program: Command): void {
  const load = () => import('../commands/acl.js');
  const acl = program.command('acl').description('look at access decisions, have them made anew');
  apiCommand(
    acl,
    'cache-show <clientid>',
    'show what a connected client has been allowed and denied lately',
    async (options, clientId: string) => (await load()).showAclCache({ ...options, clientId }),
  );
  apiCommand(
    acl,
    'reload',
    'read the file of access rules, access.acl_file, anew, and decide everything by it',
    async (options) => (await load()).reloadAcl(options),
  );
  const clean = acl
    .command('cache-clean')
    .description('forget what has been decided, so that it is asked anew');
  apiCommand(
    clean,
    'client <clientid>',
    'of a connected client; the word client may be left out',
    async (options, name: string) =>
      (await load()).cleanAclCache({ ...options, owner: { kind: 'client', name } }),
    { isDefault: true },
  );
  apiCommand(clean, 'node <node>', 'of the clients of a node', async (options, name: string) =>
    (await load()).cleanAclCache({ ...options, owner: { kind: 'node', name } }),
  );
  apiCommand(clean, 'all', 'of all clients', async (options) =>
    (await load()).cleanAclCache({ ...options, owner: { kind: 'all' } }),
  );
}

interface BanOptions extends ApiCommandOptions {
  readonly until?: number | string;
  readonly reason?: string;
}

function parseUntil(text: string): number | string {
  const until = untilOf(text);
  if (until === undefined) throw new InvalidArgumentError(`It must be ${UNTIL_FORMS}.`);
  return until;
}

function addBanned(program: Command): void {
  const load = () => import('../commands/banned.js');
  const kind = () => new Argument('<as>', 'by what: client id, user name or IP address').choices(BAN_KINDS);
  const banned = program.command('banned').description('keep clients out');
  apiCommand(banned, 'list', 'list who may not come in', async (options) => (await load()).listBans(options));
  apiCommand(
    banned,
    'add',
    'ban somebody, and end their connections',
    async (options: BanOptions, as: string, who: string) => (await load()).addBan({ ...options, as, who }),
  )
    .addArgument(kind())
    .argument('<who>')
    .option('--until <time>', `${UNTIL_FORMS} (default: in 5 minutes)`, parseUntil)
    .option('--reason <text>', 'for people');
  apiCommand(banned, 'del', 'lift a ban', async (options, as: string, who: string) =>
    (await load()).removeBan({ ...options, as, who }),
  )
    .addArgument(kind())
    .argument('<who>');
}
