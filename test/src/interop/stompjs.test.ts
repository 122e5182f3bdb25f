import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  Client,
  type IMessage,
  type IStompSocket,
  type StompConfig,
  type StompHeaders,
  Versions,
} from '@stomp/stompjs';
import { WebSocket } from 'ws';
import { eventually } from '../support/eventually.js';
import { Portico } from '../support/portico.js';
import { StompSocket } from '../support/stomp-socket.js';

/** @stomp/stompjs, the client of browsers, over TCP and WebSocket, in each version. */

let portico: Portico;
before(async () => {
  portico = await Portico.start({
    config: `
gateways:
  stomp:
    min_heart_beat: 10ms
    listeners:
      tcp: { default: { bind: 127.0.0.1:0 } }
      ws: { default: { bind: 127.0.0.1:0 } }
`,
  });
});
after(() => portico.stop());

type Version = '1.0' | '1.1' | '1.2';

const TRANSPORTS: Readonly<Record<string, (version: Version) => IStompSocket>> = {
  TCP: () => new StompSocket(portico.port('stomp:tcp:default')),
  WebSocket(version) {
    const url = `ws://127.0.0.1:${portico.port('stomp:ws:default')}/stomp`;
    return new WebSocket(url, `v${version.replace('.', '')}.stomp`) as unknown as IStompSocket;
  },
};

/** A client that is connected; what it receives waits to be looked at. */
class Connected {
  readonly client: Client;
  readonly errors: (string | undefined)[] = [];
  readonly messages: IMessage[] = [];

  private constructor(client: Client) {
    this.client = client;
    client.onStompError = ({ headers }) => this.errors.push(headers.message);
  }

  static async open(transport: string, version: Version, config: StompConfig = {}): Promise<Connected> {
    const open = TRANSPORTS[transport] as (version: Version) => IStompSocket;
    const client = new Client({
      webSocketFactory: () => open(version),
      stompVersions: new Versions([version]),
      reconnectDelay: 0,
      heartbeatIncoming: 0,
      heartbeatOutgoing: 0,
      ...config,
    });
    const connected = new Connected(client);
    await new Promise<void>((resolve, reject) => {
      client.onConnect = () => resolve();
      client.onWebSocketClose = reject;
      client.activate();
    });
    return connected;
  }

  /** Subscribes, and waits for the receipt. */
  async subscribe(destination: string, headers: StompHeaders = {}): Promise<void> {
    const receipt = `subscribed-${destination}`;
    const there = this.receipt(receipt);
    this.client.subscribe(destination, (message) => this.messages.push(message), { receipt, ...headers });
    await there;
  }

  receipt(id: string): Promise<void> {
    return new Promise((resolve) => this.client.watchForReceipt(id, () => resolve()));
  }

  async receives(count: number): Promise<IMessage[]> {
    await eventually(`${count} messages are there`, () => this.messages.length >= count);
    return this.messages;
  }

  /** What has come, once everything sent before this has been carried out. */
  async bodies(): Promise<string[]> {
    const done = this.receipt('done');
    this.client.publish({ destination: 'nobody/listens', headers: { receipt: 'done' } });
    await done;
    return this.messages.map(({ body }) => body);
  }

  async close(): Promise<void> {
    await this.client.deactivate();
  }
}

/** What becomes of three messages of a durable subscription, and which of them come again on the next connection. */
const SETTLED: Readonly<
  Record<string, { mode: string; settle: (messages: readonly IMessage[]) => void; again: string[] }>
> = {
  'auto: none comes again': { mode: 'auto', settle() {}, again: [] },
  'client: ACK stands for all before it': {
    mode: 'client',
    settle: ([, second]) => second?.ack(),
    again: ['3'],
  },
  'client-individual: ACK stands for one': {
    mode: 'client-individual',
    settle: ([, second]) => second?.ack(),
    again: ['1', '3'],
  },
  'NACK drops': { mode: 'client-individual', settle: ([first]) => first?.nack(), again: ['2', '3'] },
};

for (const transport of Object.keys(TRANSPORTS)) {
  for (const version of ['1.0', '1.1', '1.2'] as const) {
    const open = (config?: StompConfig) => Connected.open(transport, version, config);

    describe(`@stomp/stompjs over ${transport}, version ${version}`, () => {
      test('connects, publishes with a receipt, and is sent what it has subscribed to', async () => {
        const it = await open();
        assert.equal(it.client.connectedVersion, version);
        await it.subscribe('room/+');
        const sent = it.receipt('sent');
        const headers = { receipt: 'sent', 'content-type': 'text/plain', unit: '°C' };
        it.client.publish({ destination: 'room/a', body: 'grüß', headers });
        await sent;
        const [message] = await it.receives(1);
        assert.equal(message?.body, 'grüß');
        const { destination, 'content-type': type, unit } = message?.headers ?? {};
        assert.deepEqual([destination, type, unit], ['room/a', 'text/plain', '°C']);
        await it.close();
      });

      test('binary bodies go through', async () => {
        const it = await open();
        await it.subscribe('binary');
        const body = Uint8Array.of(0, 1, 10, 0, 13, 255);
        it.client.publish({ destination: 'binary', binaryBody: body });
        const [message] = await it.receives(1);
        assert.deepEqual([...(message?.binaryBody ?? [])], [...body]);
        await it.close();
      });

      test('a transaction is carried out by COMMIT, and forgotten by ABORT', async () => {
        const it = await open();
        await it.subscribe('in/order');
        for (const end of ['abort', 'commit'] as const) {
          const transaction = it.client.begin();
          for (const body of [`${end} 1`, `${end} 2`]) {
            const headers = { transaction: transaction.id };
            it.client.publish({ destination: 'in/order', body, headers });
          }
          assert.deepEqual(await it.bodies(), []);
          transaction[end]();
        }
        assert.deepEqual(await it.bodies(), ['commit 1', 'commit 2']);
        await it.close();
      });

      for (const [name, { mode, settle, again }] of Object.entries(SETTLED)) {
        test(`a durable subscription, ack ${name}`, async () => {
          const id = `${transport} ${version} ${name}`.replaceAll(':', '');
          const config = { connectHeaders: { 'client-id': id } };
          const destination = `durable/${id}`;
          const headers = { id: '0', ack: mode, durable: 'true' };
          const first = await open(config);
          await first.subscribe(destination, headers);
          for (const body of ['1', '2', '3']) first.client.publish({ destination, body });
          settle(await first.receives(3));
          await first.close();
          const second = await open(config);
          await second.subscribe(destination, headers);
          assert.deepEqual(await second.bodies(), again);
          const redelivered = second.messages.map((message) => message.headers.redelivered);
          assert.deepEqual(
            redelivered,
            again.map(() => 'true'),
          );
          second.client.unsubscribe('0', { destination });
          await second.close();
        });
      }

      test('an ERROR says what is wrong, and ends the connection', async () => {
        const it = await open();
        const closed = new Promise((resolve) => {
          it.client.onWebSocketClose = resolve;
        });
        it.client.publish({ destination: 'no/#/topic' });
        await closed;
        assert.deepEqual(it.errors, ['Not published (topic name invalid)']);
      });

      if (version !== '1.0') {
        test('heart-beats go both ways', async () => {
          const lines: string[] = [];
          const it = await open({
            heartbeatIncoming: 20,
            heartbeatOutgoing: 20,
            debug: (line) => lines.push(line),
          });
          for (const beat of ['<<< PONG', '>>> PING']) {
            await eventually(`three times ${beat}`, () => lines.filter((line) => line === beat).length >= 3);
          }
          assert.equal(it.client.connected, true);
          await it.close();
        });
      }
    });
  }
}
