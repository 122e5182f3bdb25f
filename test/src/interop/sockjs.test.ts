import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client, type IMessage, type IStompSocket } from '@stomp/stompjs';
import { connectAsync } from 'mqtt';
import SockJS from 'sockjs-client';
import { eventually } from '../support/eventually.js';
import { Portico } from '../support/portico.js';

/** sockjs-client under @stomp/stompjs: what pages use that were written for a server with SockJS. */

let portico: Portico;
before(async () => {
  portico = await Portico.start({
    config: `
gateways:
  mqtt: { listeners: { tcp: { default: { bind: 127.0.0.1:0 } } } }
  stomp:
    min_heart_beat: 10ms
    max_body_length: 1MB
    listeners:
      ws:
        default: { bind: 127.0.0.1:0 }
        plain: { bind: 127.0.0.1:0, sockjs: false }
`,
  });
});
after(() => portico?.stop());

const url = (listener: string) => `http://127.0.0.1:${portico.port(`stomp:ws:${listener}`)}/stomp`;

interface Closed {
  readonly code: number;
  readonly reason: string;
}

function open(listener: string, transports?: readonly string[]): IStompSocket {
  return new SockJS(url(listener), undefined, transports && { transports: [...transports] }) as IStompSocket;
}

/** A client that is connected, with what it is sent. */
async function connected(
  received: IMessage[],
  destination: string,
  debug: (line: string) => void = () => {},
): Promise<Client> {
  const client = new Client({
    webSocketFactory: () => open('default'),
    reconnectDelay: 0,
    heartbeatIncoming: 100,
    heartbeatOutgoing: 100,
    debug,
  });
  await new Promise<void>((resolve, reject) => {
    client.onConnect = () => resolve();
    client.onWebSocketClose = reject;
    client.activate();
  });
  client.onWebSocketClose = () => {};
  const subscribed = new Promise<void>((resolve) => client.watchForReceipt('subscribed', () => resolve()));
  client.subscribe(destination, (message) => received.push(message), { receipt: 'subscribed' });
  await subscribed;
  return client;
}

describe('sockjs-client and @stomp/stompjs', () => {
  test('find the WebSocket transport by themselves, and exchange text of any length', async () => {
    const received: IMessage[] = [];
    const client = await connected(received, 'sockjs/+');
    const texts = ['grüß "dich"\n', '', 'é€😀'.repeat(30_000)];
    for (const body of texts) client.publish({ destination: 'sockjs/a', body });
    await eventually('all messages are there', () => received.length === texts.length);
    assert.deepEqual(
      received.map(({ body }) => body),
      texts,
    );
    await client.deactivate();
  });

  test('stay in step where a body is no text: each byte that is none comes as a question mark', async () => {
    const received: IMessage[] = [];
    const client = await connected(received, 'binary');
    const device = await connectAsync(`mqtt://127.0.0.1:${portico.port('mqtt:tcp:default')}`);
    await device.publishAsync('binary', Buffer.from('ff80e2280a004d4553534147450a0a00c3', 'hex'), { qos: 1 });
    await device.endAsync();
    client.publish({ destination: 'binary', body: 'behind' });
    await eventually('all messages are there', () => received.length === 2);
    assert.deepEqual(
      received.map(({ body }) => body),
      ['???(\n\0MESSAGE\n\n\0?', 'behind'],
    );
    await client.deactivate();
  });

  test('keep a connection by heart-beats, and are told why it ends', async () => {
    const lines: string[] = [];
    const client = await connected([], 'later', (line) => lines.push(line));
    await eventually('heart-beats go both ways', () =>
      ['<<< PONG', '>>> PING'].every((beat) => lines.filter((line) => line === beat).length >= 2),
    );
    const errors: (string | undefined)[] = [];
    client.onStompError = ({ headers }) => errors.push(headers.message);
    const closed = new Promise<Closed>((resolve) => {
      client.onWebSocketClose = resolve;
    });
    client.commit('nothing');
    const { code, reason } = await closed;
    assert.deepEqual([code, reason], [1000, 'Normal closure']);
    assert.deepEqual(errors, ['Transaction nothing not found']);
    await client.deactivate();
  });
});

test('a client that looks for other transports, or for SockJS where it is off, gives up', async () => {
  for (const [listener, transports] of [
    ['default', ['xhr-streaming', 'xhr-polling']],
    ['plain', ['websocket']],
  ] as const) {
    const socket = open(listener, transports);
    const { code } = await new Promise<Closed>((resolve) => {
      socket.onclose = (event) => resolve(event as Closed);
    });
    assert.equal(code, listener === 'plain' ? 1002 : 2000);
  }
});
