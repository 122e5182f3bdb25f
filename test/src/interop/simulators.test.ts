import assert from 'node:assert/strict';
import { type EventEmitter, on } from 'node:events';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';
import { Command } from '../support/command.js';
import { patience } from '../support/patience.js';
import { Portico } from '../support/portico.js';

/** The command `portico simulate`, against a hub, seen by an MQTT subscriber. */

const BINARY = fileURLToPath(new URL('../../../bin/portico', import.meta.url));
const DEVICES = 50;

let portico: Portico;
before(async () => {
  portico = await Portico.start({
    config: `gateways:
  mqtt: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }
  jt808: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } }, udp: { default: { bind: 127.0.0.1:0 } } } }
  gbt32960: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }
`,
  });
});
after(() => portico.stop());

type Json = Record<string, unknown>;

/** An application with a subscription, and what it gets. */
async function subscriber(filter: string) {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${portico.port('mqtt:tcp:default')}`);
  const messages = on(client as unknown as EventEmitter, 'message', { signal: patience() });
  await client.subscribeAsync(filter);
  async function* received(): AsyncGenerator<readonly [topic: string, json: Json]> {
    for await (const [topic, payload] of messages) yield [topic, JSON.parse(payload)];
  }
  return { client, messages: received() };
}

/** Runs a simulator until there is a message of each device. */
async function firstMessages(filter: string, args: readonly string[]) {
  const { client, messages } = await subscriber(filter);
  const options = ['--devices', String(DEVICES), '--interval', '500ms', '--json'];
  const command = new Command(BINARY, 'simulate', ...args, ...options);
  const heard = new Map<string, Json>();
  for await (const [topic, json] of messages) {
    heard.set(topic, json);
    if (heard.size === DEVICES) break;
  }
  await command.stop();
  await client.endAsync();
  const summary = JSON.parse(command.output.trimEnd().split('\n').at(-1) ?? '');
  return { heard, summary };
}

for (const [transport, edition, phoneFrom] of [
  ['tcp', '2013', '13900000000'],
  ['tcp', '2019', '13900000000'],
  ['udp', '2013', '13800000000'],
] as const) {
  test(`terminals of JT/T 808-${edition} say over ${transport} where they are`, async () => {
    const port = String(portico.port(`jt808:${transport}:default`));
    const options = ['--port', port, '--edition', edition, '--phone-from', phoneFrom];
    const args = ['jt808', ...options, ...(transport === 'udp' ? ['--udp'] : [])];
    const { heard, summary } = await firstMessages('jt808/+/up', args);
    const digits = edition === '2013' ? 12 : 20;
    for (let index = 0; index < DEVICES; index++) {
      const phone = String(Number(phoneFrom) + index).padStart(digits, '0');
      const { body, errors } = heard.get(`jt808/${phone}/up`) as {
        body: Record<string, number>;
        errors?: unknown;
      };
      assert.equal(errors, undefined);
      const { latitude = 0, longitude = 0 } = body;
      assert.ok(latitude > 31_200_000 && latitude < 31_250_000, String(latitude));
      assert.ok(longitude > 121_450_000 && longitude < 121_520_000, String(longitude));
    }
    assert.equal(summary.type, 'summary');
    const { logins, refused, failed, lost, rejected } = summary.counts;
    assert.deepEqual([logins, refused, failed, lost, rejected], [DEVICES, 0, 0, 0, 0]);
  });
}

for (const edition of ['2016', '2025']) {
  test(`vehicles of GB/T 32960-${edition} report all that they have`, async () => {
    const port = String(portico.port('gbt32960:tcp:default'));
    const args = ['gbt32960', '--port', port, '--edition', edition, '--vin-from', 'LTEST000000000001'];
    const { heard, summary } = await firstMessages('gbt32960/+/upstream/info', args);
    for (const json of heard.values()) {
      const { Data: data, Errors: errors } = json as { Data: { Infos: unknown[] }; Errors?: unknown };
      assert.equal(errors, undefined);
      assert.equal(data.Infos.length, edition === '2016' ? 7 : 6);
    }
    assert.ok(heard.has('gbt32960/LTEST000000000050/upstream/info'));
    const { logins, refused, failed, lost, rejected } = summary.counts;
    assert.deepEqual([logins, refused, failed, lost, rejected], [DEVICES, 0, 0, 0, 0]);
  });
}

test('clients of MQTT publish where they are', async () => {
  const port = String(portico.port('mqtt:tcp:default'));
  const { heard, summary } = await firstMessages('cars/+', ['mqtt', '--port', port, '--topic', 'cars']);
  const { lat, lon } = heard.get('cars/simulated-50') as { lat: number; lon: number };
  assert.ok(lat > 31.2 && lat < 31.25 && lon > 121.45 && lon < 121.52, `${lat} ${lon}`);
  const { logins, refused, failed, lost } = summary.counts;
  assert.deepEqual([logins, refused, failed, lost], [DEVICES, 0, 0, 0]);
});

test('a simulated terminal answers a command that is published for it', async () => {
  const port = String(portico.port('jt808:tcp:default'));
  const { client, messages } = await subscriber('jt808/013700000000/up');
  const args = ['--phone-from', '13700000000', '--interval', '100ms'];
  const command = new Command(BINARY, 'simulate', 'jt808', '--port', port, ...args);
  await messages.next();
  await client.publishAsync('jt808/013700000000/dn', '{"header":{"msg_id":33028}}');
  for await (const [, { header, body }] of messages) {
    if ((header as Json).msg_id !== 0x0104) continue;
    assert.equal((body as Json).length, 2);
    break;
  }
  await command.stop();
  await client.endAsync();
  assert.match(command.output, /^commands +1$/m);
});

test('where nobody listens all fail, and the reason is told', async () => {
  const output = await Command.run(BINARY, 'simulate', 'gbt32960', '--port', '1', '--duration', '1s');
  assert.match(output, /^failed: ECONNREFUSED: [12]$/m);
});

test('wrong options are told of', async () => {
  const output = await Command.run(BINARY, 'simulate', 'jt808', '--devices', 'many');
  assert.equal(
    output,
    '--devices many: a whole number from 1 to 100000 is needed\nTry portico simulate jt808 --help\n',
  );
});
