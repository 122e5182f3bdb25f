import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Portico } from '../support/portico.js';

/** The counters and statistics that programs written for the reference, EMQX Enterprise 4.4, read. */

const SECRET = 'open sesame';

/** What is counted of a packet, by its name. */
const PACKETS: Readonly<Record<string, readonly string[]>> = {
  connect: ['received'],
  connack: ['sent', 'error', 'auth_error'],
  publish: ['received', 'sent', 'inuse', 'error', 'auth_error', 'dropped'],
  puback: ['received', 'sent', 'inuse', 'missed'],
  pubrec: ['received', 'sent', 'inuse', 'missed'],
  pubrel: ['received', 'sent', 'missed'],
  pubcomp: ['received', 'sent', 'inuse', 'missed'],
  subscribe: ['received', 'error', 'auth_error'],
  suback: ['sent'],
  unsubscribe: ['received', 'error'],
  unsuback: ['sent'],
  pingreq: ['received'],
  pingresp: ['sent'],
  disconnect: ['received', 'sent'],
  auth: ['received', 'sent'],
};

/** All others, by the first word of the name. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  bytes: ['received', 'sent'],
  packets: ['received', 'sent'],
  client: [
    ...['authenticate', 'auth.anonymous', 'auth.success', 'auth.success.anonymous', 'auth.failure'],
    ...['check_acl', 'acl.allow', 'acl.deny', 'acl.cache_hit'],
    ...['connect', 'connack', 'connected', 'disconnected', 'subscribe', 'unsubscribe'],
  ],
  delivery: [
    ...['dropped', 'dropped.too_large', 'dropped.queue_full', 'dropped.qos0_msg'],
    ...['dropped.expired', 'dropped.no_local'],
  ],
  messages: [
    ...['received', 'sent', 'publish', 'delivered', 'acked', 'forward', 'delayed', 'retained'],
    ...['dropped', 'dropped.expired', 'dropped.no_subscribers'],
    ...[0, 1, 2].flatMap((qos) => [`qos${qos}.received`, `qos${qos}.sent`]),
  ],
  session: ['created', 'discarded', 'resumed', 'takeovered', 'terminated'],
};

const STATISTICS = [
  ...['connections', 'channels', 'sessions', 'topics', 'routes', 'suboptions', 'subscribers'],
  ...['subscriptions', 'subscriptions.shared', 'retained'],
];

function named(words: Readonly<Record<string, readonly string[]>>, prefix: string): string[] {
  return Object.entries(words).flatMap(([word, kinds]) => kinds.map((kind) => `${prefix}${word}.${kind}`));
}

let portico: Portico;

before(async () => {
  portico = await Portico.start({ env: { PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: SECRET } });
});

after(() => portico.stop());

/** The names of the numbers that the API tells. */
async function namesOf(path: string, key: string): Promise<ReadonlySet<string>> {
  const response = await fetch(`http://127.0.0.1:${portico.port('management:http')}/api/v4${path}`, {
    headers: { authorization: `Basic ${Buffer.from(`admin:${SECRET}`).toString('base64')}` },
  });
  const { data } = (await response.json()) as { data: readonly Readonly<Record<string, object>>[] };
  return new Set(Object.keys(data[0]?.[key] ?? {}));
}

test('every counter of the reference is told', async () => {
  const told = await namesOf('/metrics', 'metrics');
  const wanted = [...named(PACKETS, 'packets.'), ...named(OTHERS, '')];
  assert.deepEqual(
    wanted.filter((name) => !told.has(name)),
    [],
  );
});

test('every statistic of the reference is told, with its greatest value', async () => {
  const told = await namesOf('/stats', 'stats');
  const wanted = STATISTICS.flatMap((name) => [`${name}.count`, `${name}.max`]);
  assert.deepEqual(
    wanted.filter((name) => !told.has(name)),
    [],
  );
});
