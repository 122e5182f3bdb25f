import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import stompit from 'stompit';
import { eventually } from '../support/eventually.js';
import { STOMP_BROKERS, type StompBroker } from '../support/stomp-brokers.js';

/** stompit, a client of Node.js services, in each version. RabbitMQ shows that the script asks for what is usual. */

type Client = ReturnType<typeof stompit.connect>;
type Message = Parameters<Parameters<Client['subscribe']>[1] & object>[1];

/** The login is not needed by all of them. */
const LOGIN = { host: '/', login: 'guest', passcode: 'guest' };

function connectTo(
  port: number,
  version: string,
  headers: Readonly<Record<string, string>>,
): Promise<Client> {
  const connectHeaders = { ...LOGIN, 'accept-version': version, ...headers };
  return new Promise((resolve, reject) => {
    stompit.connect({ host: '127.0.0.1', port, connectHeaders }, (error, client) => {
      if (error === null) resolve(client);
      else reject(error);
    });
  });
}

interface Received {
  readonly message: Message;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The types of the package do not know them. */
function headersOf(message: Message): Record<string, string> {
  return (message as unknown as { readonly headers: Record<string, string> }).headers;
}

/** What comes of a subscription, in its order. */
function subscribe(client: Client, headers: Readonly<Record<string, string>>): Received[] {
  const received: Received[] = [];
  client.subscribe(headers, (error, message) => {
    if (error !== null) return;
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      received.push({ message, headers: headersOf(message), body: Buffer.concat(chunks) });
    });
  });
  return received;
}

/** Sends, and waits for the receipt. */
function send(
  client: Client,
  headers: Readonly<Record<string, string>>,
  body: Buffer | string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    client.send(headers, { onReceipt: resolve, onError: reject }).end(body);
  });
}

function goodbye(client: Client): Promise<void> {
  return new Promise((resolve) => client.disconnect(() => resolve()));
}

for (const broker of STOMP_BROKERS) {
  describe(`stompit with ${broker.name}`, () => {
    let place: Awaited<ReturnType<typeof broker.start>>;
    before(async () => {
      place = await broker.start();
    });
    after(() => place?.stop());

    for (const version of ['1.0', '1.1', '1.2']) {
      const open = (headers: Readonly<Record<string, string>> = {}) =>
        connectTo(place.tcpPort, version, headers);
      describe(`version ${version}`, () => throughAll(broker, open, version));
    }
  });
}

function throughAll(
  broker: StompBroker,
  open: (headers?: Readonly<Record<string, string>>) => Promise<Client>,
  version: string,
): void {
  test('sends any bytes with a receipt, and receives them with their headers', async () => {
    const client = await open();
    const received = subscribe(client, { destination: broker.destination('a', broker.anyLevel) });
    const destination = broker.destination('a', 'b');
    const body = Buffer.from('00ff0a0d00', 'hex');
    await send(client, { destination, 'content-length': '5', 'content-type': 'x/y', k: 'v' }, body);
    await eventually('the message is there', () => received.length === 1);
    assert.deepEqual(received[0]?.body, body);
    const { destination: from, 'content-type': type, k } = received[0]?.headers ?? {};
    assert.deepEqual([from, type, k], [destination, 'x/y', 'v']);
    await goodbye(client);
  });

  test('a transaction is carried out by COMMIT, and forgotten by ABORT', async () => {
    const client = await open();
    const destination = broker.destination('t');
    const received = subscribe(client, { destination });
    for (const end of ['abort', 'commit'] as const) {
      const transaction = client.begin();
      transaction.send({ destination }).end(end);
      transaction[end]();
    }
    await send(client, { destination }, 'behind');
    await eventually('all messages are there', () => received.length >= 2);
    assert.deepEqual(
      received.map(({ body }) => body.toString()),
      ['commit', 'behind'],
    );
    await goodbye(client);
  });

  test('what was acknowledged or refused of a durable subscription does not come again', async () => {
    const clientId = `stompit-${version}`;
    const destination = broker.destination('stompit', version.replace('.', ''));
    const headers = { destination, id: '7', ack: 'client-individual', ...broker.durable };
    const first = await open({ 'client-id': clientId });
    const received = subscribe(first, headers);
    for (const body of ['1', '2', '3']) await send(first, { destination }, body);
    await eventually('all messages are there', () => received.length === 3);
    const [one, two] = received;
    if (one !== undefined) first.ack(one.message);
    if (two !== undefined) first.nack(two.message, broker.dropped);
    await goodbye(first);
    const second = await open({ 'client-id': clientId });
    const again = subscribe(second, headers);
    await eventually('what is left is there', () => again.length >= 1);
    await send(second, { destination }, '4');
    await eventually('what is new is there', () => again.length >= 2);
    assert.deepEqual(
      again.map(({ body }) => body.toString()),
      ['3', '4'],
    );
    await goodbye(second);
  });

  test('heart-beats, which 1.0 does not know, keep a connection alive', async () => {
    const client = await open({ 'heart-beat': '100,100' });
    const destination = broker.destination('beats');
    const received = subscribe(client, { destination });
    for (let i = 1; i <= 3; i++) {
      await send(client, { destination }, String(i));
      await eventually('the message is there', () => received.length === i);
    }
    await goodbye(client);
  });
}
