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
import { STOMP_BROKERS, type StompBroker } from '../support/stomp-brokers.js';
import { StompSocket } from '../support/stomp-socket.js';

/**
 * @stomp/stompjs, the client of browsers, over TCP and WebSocket, in each version. RabbitMQ shows that the script asks for
 * what is usual.
 */

type Version = '1.0' | '1.1' | '1.2';
type Open = (config?: StompConfig) => Promise<Connected>;
type Place = Awaited<ReturnType<StompBroker['start']>>;

const TRANSPORTS: Readonly<Record<string, (place: Place, version: Version) => IStompSocket>> = {
  TCP: ({ tcpPort }) => new StompSocket(tcpPort),
  WebSocket({ webSocketUrl }, version) {
    const protocol = `v${version.replace('.', '')}.stomp`;
    return new WebSocket(webSocketUrl, protocol) as unknown as IStompSocket;
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

  static async open(socket: () => IStompSocket, version: Version, config: StompConfig): Promise<Connected> {
    const { connectHeaders, ...others } = config;
    const client = new Client({
      webSocketFactory: socket,
      connectHeaders: { login: 'guest', passcode: 'guest', ...connectHeaders },
      stompVersions: new Versions([version]),
      reconnectDelay: 0,
      heartbeatIncoming: 0,
      heartbeatOutgoing: 0,
      ...others,
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

  /** What has come of a destination that it has subscribed to, once what was sent before this is there. */
  async bodies(destination: string): Promise<string[]> {
    const end = () => this.messages.findIndex(({ body }) => body === 'the end');
    this.client.publish({ destination, body: 'the end' });
    await eventually('the end is there', () => end() >= 0);
    this.messages.splice(end(), 1);
    return this.messages.map(({ body }) => body);
  }

  async close(): Promise<void> {
    await this.client.deactivate();
  }
}

interface Settlement {
  readonly mode: string;
  readonly settle: (messages: readonly IMessage[], broker: StompBroker) => void;
  readonly again: readonly string[];
}

/** What becomes of three messages of a durable subscription, and which of them come again on the next connection. */
const SETTLED: Readonly<Record<string, Settlement>> = {
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
  'NACK drops': {
    mode: 'client-individual',
    settle: ([first], { dropped }) => first?.nack({ ...dropped }),
    again: ['2', '3'],
  },
};

for (const broker of STOMP_BROKERS) {
  describe(`@stomp/stompjs with ${broker.name}`, () => {
    let place: Place;
    before(async () => {
      place = await broker.start();
    });
    after(() => place?.stop());

    for (const [transport, socket] of Object.entries(TRANSPORTS)) {
      for (const version of ['1.0', '1.1', '1.2'] as const) {
        const open: Open = (config = {}) => Connected.open(() => socket(place, version), version, config);
        describe(`over ${transport}, version ${version}`, () => {
          messages(broker, open, version);
          durableSubscriptions(broker, open, `${transport}-${version.replace('.', '')}`);
          errors(broker, open);
          if (version !== '1.0') heartBeats(broker, open);
        });
      }
    }
  });
}

function messages(broker: StompBroker, open: Open, version: Version): void {
  test('connects, publishes with a receipt, and is sent what it has subscribed to', async () => {
    const it = await open();
    assert.equal(it.client.connectedVersion, version);
    await it.subscribe(broker.destination('room', broker.anyLevel));
    const sent = it.receipt('sent');
    const headers = { receipt: 'sent', 'content-type': 'text/plain', unit: '°C' };
    it.client.publish({ destination: broker.destination('room', 'a'), body: 'grüß', headers });
    await sent;
    const [message] = await it.receives(1);
    assert.equal(message?.body, 'grüß');
    const { destination, 'content-type': type, unit } = message?.headers ?? {};
    assert.deepEqual([destination, type, unit], [broker.destination('room', 'a'), 'text/plain', '°C']);
    await it.close();
  });

  test('binary bodies go through', async () => {
    const it = await open();
    const destination = broker.destination('binary');
    await it.subscribe(destination);
    const body = Uint8Array.of(0, 1, 10, 0, 13, 255);
    it.client.publish({ destination, binaryBody: body });
    const [message] = await it.receives(1);
    assert.deepEqual([...(message?.binaryBody ?? [])], [...body]);
    await it.close();
  });

  test('a transaction is carried out by COMMIT, and forgotten by ABORT', async () => {
    const it = await open();
    const destination = broker.destination('in', 'order');
    await it.subscribe(destination);
    for (const end of ['abort', 'commit'] as const) {
      const transaction = it.client.begin();
      for (const body of [`${end} 1`, `${end} 2`]) {
        it.client.publish({ destination, body, headers: { transaction: transaction.id } });
      }
      assert.deepEqual(await it.bodies(destination), []);
      transaction[end]();
    }
    assert.deepEqual(await it.bodies(destination), ['commit 1', 'commit 2']);
    await it.close();
  });
}

function durableSubscriptions(broker: StompBroker, open: Open, prefix: string): void {
  for (const [name, { mode, settle, again }] of Object.entries(SETTLED)) {
    test(`a durable subscription, ack ${name}`, async () => {
      const id = `${prefix}-${name.replaceAll(/[^a-z]+/gi, '-')}`;
      const config = { connectHeaders: { 'client-id': id } };
      const destination = broker.destination('durable', id);
      const headers = { id: '0', ack: mode, ...broker.durable };
      const first = await open(config);
      await first.subscribe(destination, headers);
      for (const body of ['1', '2', '3']) first.client.publish({ destination, body });
      settle(await first.receives(3), broker);
      await first.close();
      const second = await open(config);
      await second.subscribe(destination, headers);
      await second.receives(again.length);
      assert.deepEqual(await second.bodies(destination), again);
      const redelivered = second.messages.map((message) => message.headers.redelivered);
      assert.deepEqual(
        redelivered,
        again.map(() => 'true'),
      );
      second.client.unsubscribe('0', { destination, ...broker.durable });
      await second.close();
    });
  }
}

function errors(broker: StompBroker, open: Open): void {
  test('an ERROR says what is wrong, and ends the connection where the broker is Portico', async () => {
    const it = await open();
    let closed = false;
    it.client.onWebSocketClose = () => {
      closed = true;
    };
    it.client.commit('nothing');
    await eventually('the ERROR is there', () => it.errors.length > 0);
    assert.deepEqual(it.errors, [broker.noTransaction]);
    if (broker.endsAfterError) await eventually('the connection is closed', () => closed);
    else await it.subscribe(broker.destination('later'));
    await it.close();
  });
}

function heartBeats({ heartBeats }: StompBroker, open: Open): void {
  test('heart-beats go both ways', async () => {
    const lines: string[] = [];
    const it = await open({
      heartbeatIncoming: 100,
      heartbeatOutgoing: 100,
      debug: (line) => lines.push(line),
    });
    for (const beat of ['<<< PONG', '>>> PING']) {
      const count = () => lines.filter((line) => line === beat).length;
      await eventually(`${heartBeats} times ${beat}`, () => count() >= heartBeats);
    }
    assert.equal(it.client.connected, true);
    await it.close();
  });
}
