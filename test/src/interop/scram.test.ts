import assert from 'node:assert/strict';
import { type EventEmitter, once } from 'node:events';
import { after, before, test } from 'node:test';
import { ScramClient } from '@portico/core/testing';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { FREE_PORTS, Portico } from '../support/portico.js';

/** MQTT.js, which leaves the contents of AUTH to its user, logs in by SCRAM. */

let portico: Portico;
before(async () => {
  const access = `
access:
  scram:
    mechanisms: [SCRAM-SHA-1, SCRAM-SHA-256, SCRAM-SHA-512]
    users: [{ username: ann, password: pencil }]
`;
  portico = await Portico.start({ config: access + FREE_PORTS });
});
after(() => portico.stop());

type Mechanism = 'SCRAM-SHA-1' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/** A client that answers with what it makes of the password, and the exchange by which it does. */
function connect(mechanism: Mechanism, password: string): { client: MqttClient; exchange: ScramClient } {
  const exchange = new ScramClient(mechanism, 'ann', password);
  const properties = { authenticationMethod: mechanism, authenticationData: exchange.first() };
  const options: IClientOptions = { protocolVersion: 5, reconnectPeriod: 0, properties };
  const client = mqtt.connect(`mqtt://127.0.0.1:${portico.port('mqtt:tcp:default')}`, options);
  client.handleAuth = ({ reasonCode, properties: asked }, answer) => {
    if (reasonCode === 0) return answer(undefined, undefined);
    exchange.final(asked?.authenticationData).then(
      (authenticationData) =>
        answer(undefined, {
          cmd: 'auth',
          reasonCode: 0x18,
          properties: { authenticationMethod: mechanism, authenticationData },
        }),
      (error: Error) => answer(error),
    );
  };
  return { client, exchange };
}

function event(client: MqttClient, name: string): Promise<unknown[]> {
  return once(client as unknown as EventEmitter, name, { signal: AbortSignal.timeout(5000) });
}

interface Connack {
  readonly properties?: { readonly authenticationData?: Buffer };
}

for (const mechanism of ['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
  test(`${mechanism} lets a client in that knows its password, and proves to it who the server is`, async () => {
    const { client, exchange } = connect(mechanism, 'pencil');
    const [connack] = (await event(client, 'connect')) as [Connack];
    assert.ok(exchange.believes(connack.properties?.authenticationData));
    await client.publishAsync('t', 'x', { qos: 1 });
    await client.endAsync();
  });

  test(`${mechanism} keeps out who does not know the password`, async () => {
    const { client } = connect(mechanism, 'pen');
    const [error] = (await event(client, 'error')) as [{ code: number }];
    assert.equal(error.code, 0x87);
    client.end(true);
  });
}
