import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { Command } from '../support/command.js';
import { eventually } from '../support/eventually.js';
import { Portico } from '../support/portico.js';

/** What an operator sees of a store that is full, by mosquitto_sub, and what clients meanwhile see. */

const SMALL_STORE = JSON.stringify({
  store: { max_bytes: '1MB' },
  gateways: {
    mqtt: { listeners: { tcp: { default: { bind: '127.0.0.1:0' } } } },
  },
});
const PAYLOAD = Buffer.alloc(100_000);
/** Reason code of a PUBACK: Quota exceeded, MQTT 5 §3.4.2.1. */
const QUOTA_EXCEEDED = 0x97;
const ALARMS = '$SYS/brokers/portico@127.0.0.1/alarms';

async function connect(t: TestContext, port: number, options: IClientOptions = {}): Promise<MqttClient> {
  const url = `mqtt://127.0.0.1:${port}`;
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0, ...options });
  t.after(() => client.endAsync(true));
  return client;
}

/** @returns the reason code of the PUBACK; 0 for success */
async function publish(client: MqttClient): Promise<number> {
  try {
    await client.publishAsync('kept/a', PAYLOAD, { qos: 1 });
    return 0;
  } catch (error) {
    return Number((error as { readonly code?: unknown }).code);
  }
}

/** Publishes until it is refused. @returns the reason code that says so */
async function publishUntilRefused(client: MqttClient): Promise<number> {
  for (;;) {
    const code = await publish(client);
    if (code !== 0) return code;
  }
}

/** The line of mosquitto_sub for an alarm. */
function line(event: string, name: string, activated: boolean): RegExp {
  return new RegExp(`^\\${ALARMS}/${event} \\{"name":"${name}".*"activated":${activated}.*\\}$`, 'm');
}

test('a store above its quota raises an alarm and refuses; when there is room again both are over, without a restart', async (t) => {
  const portico = await Portico.start({ config: SMALL_STORE });
  t.after(() => portico.stop());
  const port = portico.port('mqtt:tcp:default');
  const operator = await Command.subscriber(port, '-t', '$SYS/brokers/+/alarms/#');
  t.after(() => operator.stop());

  const lasting = { clientId: 'app', clean: false, properties: { sessionExpiryInterval: 3600 } };
  const app = await connect(t, port, lasting);
  await app.subscribeAsync('kept/#', { qos: 1 });
  await app.endAsync();
  const device = await connect(t, port);
  assert.equal(await publishUntilRefused(device), QUOTA_EXCEEDED);
  await operator.expect(line('activate', 'store_quota_exceeded', true));
  const late = await Command.subscriber(port, '-t', `${ALARMS}/activate`);
  await late.expect(line('activate', 'store_quota_exceeded', true));
  await late.stop();

  await connect(t, port, lasting);
  await operator.expect(line('deactivate', 'store_quota_exceeded', false));
  assert.equal(await publish(device), 0);
  const message = 'the store takes nothing new on: its entries take more than 1048576 bytes';
  for (const text of [`WARN: alarm: ${message}`, `WARN: alarm over: ${message}`]) {
    await eventually(text, () => portico.output.includes(text));
  }
});
