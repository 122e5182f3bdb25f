import assert from 'node:assert/strict';
import { type EventEmitter, on, once } from 'node:events';
import { after, before, test } from 'node:test';
import { encodeToBuffer, ReasonCode } from '@portico/codec-mqtt';
import { ScramClient } from '@portico/core/testing';
import mqtt, { type IClientOptions, type MqttClient, type Packet } from 'mqtt';
import { FREE_PORTS } from '../support/configuration.js';
import { patience } from '../support/patience.js';
import { Portico } from '../support/portico.js';

/** MQTT.js, which leaves the contents of AUTH to its user, logs in by SCRAM and is asked again. */

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

/** A client that answers with what it makes of a password. */
class Login {
  readonly client: MqttClient;
  readonly #mechanism: Mechanism;
  #exchange: ScramClient;

  constructor(mechanism: Mechanism, password: string) {
    this.#mechanism = mechanism;
    this.#exchange = new ScramClient(mechanism, 'ann', password);
    const properties = this.#properties(this.#exchange.first());
    const options: IClientOptions = { protocolVersion: 5, reconnectPeriod: 0, properties };
    this.client = mqtt.connect(`mqtt://127.0.0.1:${portico.port('mqtt:tcp:default')}`, options);
    this.client.handleAuth = ({ reasonCode, properties: asked }, answer) => {
      if (reasonCode === ReasonCode.success) return answer(undefined, undefined);
      this.#exchange.final(asked?.authenticationData).then(
        (data) => answer(undefined, { cmd: 'auth', reasonCode: 0x18, properties: this.#properties(data) }),
        (error: Error) => answer(error),
      );
    };
  }

  /** Asks to be asked again, for which MQTT.js has no call. */
  reauthenticate(password: string): void {
    this.#exchange = new ScramClient(this.#mechanism, 'ann', password);
    const properties = this.#properties(this.#exchange.first());
    this.client.stream.write(
      encodeToBuffer({ type: 'auth', reasonCode: ReasonCode.reAuthenticate, properties }, 5),
    );
  }

  /** Whether the last word of the exchange proves that the server knows the user. */
  believes(serverFinal: Buffer | undefined): boolean {
    return this.#exchange.believes(serverFinal);
  }

  #properties(authenticationData: Buffer) {
    return { authenticationMethod: this.#mechanism, authenticationData };
  }
}

function event(client: MqttClient, name: string): Promise<unknown[]> {
  return once(client as unknown as EventEmitter, name, { signal: patience() });
}

/** What the AUTH packet says that ends a re-authentication well. */
async function authSuccess(client: MqttClient): Promise<Buffer | undefined> {
  const packets = on(client as unknown as EventEmitter, 'packetreceive', {
    signal: patience(),
  });
  for await (const [packet] of packets as AsyncIterable<[Packet]>) {
    if (packet.cmd === 'auth' && packet.reasonCode === ReasonCode.success) {
      return packet.properties?.authenticationData;
    }
  }
  return undefined;
}

interface Connack {
  readonly properties?: { readonly authenticationData?: Buffer };
}

for (const mechanism of ['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
  test(`${mechanism} lets a client in that knows its password, and proves to it who the server is`, async () => {
    const login = new Login(mechanism, 'pencil');
    const [connack] = (await event(login.client, 'connect')) as [Connack];
    assert.ok(login.believes(connack.properties?.authenticationData));
    await login.client.publishAsync('t', 'x', { qos: 1 });
    await login.client.endAsync();
  });

  test(`${mechanism} keeps out who does not know the password`, async () => {
    const { client } = new Login(mechanism, 'pen');
    const [error] = (await event(client, 'error')) as [{ code: number }];
    assert.equal(error.code, 0x87);
    client.end(true);
  });

  test(`${mechanism} proves both sides again while messages go to and fro`, async () => {
    const login = new Login(mechanism, 'pencil');
    const { client } = login;
    await event(client, 'connect');
    await client.subscribeAsync('t', { qos: 1 });
    const [success, message] = [authSuccess(client), event(client, 'message')];
    login.reauthenticate('pencil');
    await client.publishAsync('t', 'x', { qos: 1 });
    await message;
    assert.ok(login.believes(await success));
    await client.publishAsync('t', 'y', { qos: 1 });
    await client.endAsync();
  });

  test(`${mechanism} puts out who does not know the password any more`, async () => {
    const login = new Login(mechanism, 'pencil');
    await event(login.client, 'connect');
    const gone = event(login.client, 'disconnect');
    login.reauthenticate('pen');
    const [disconnect] = (await gone) as [{ reasonCode: number }];
    assert.equal(disconnect.reasonCode, 0x87);
    login.client.end(true);
  });
}
