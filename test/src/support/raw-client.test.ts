import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { RawClient } from './raw-client.js';

let server: Server;
let port: number;

before(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
after(() => server.close());

async function pair(): Promise<[client: RawClient, serverSide: Socket]> {
  const accepted = once(server, 'connection');
  const client = await RawClient.connect(port);
  const [socket] = await accepted;
  return [client, socket];
}

test('bytes are sent as hex or buffer and read back in any portions', async () => {
  const [client, socket] = await pair();
  socket.pipe(socket);
  client.send('11 00 07\n3c');
  client.send(Buffer.from('abcd'));
  assert.equal((await client.readBytes(3)).toString('hex'), '110007');
  assert.equal((await client.readBytes(5)).toString('latin1'), '<abcd');
  client.end();
  assert.equal((await client.expectClose()).length, 0);
});

test('what came before the close is handed over', async () => {
  const [client, socket] = await pair();
  socket.end('bye');
  assert.equal((await client.expectClose()).toString(), 'bye');
});

test('a reset counts as a close', async () => {
  const [client, socket] = await pair();
  socket.resetAndDestroy();
  await client.expectClose();
});

test('too few bytes before the close fail with those that came', async () => {
  const [client, socket] = await pair();
  socket.end(Buffer.of(0x50));
  await assert.rejects(client.readBytes(2), /closed before 2 bytes came; connection closed, received \[50\]/);
});

test('what does not come in time fails with what came', async () => {
  const [client, socket] = await pair();
  socket.write(Buffer.of(1, 2));
  await client.readBytes(1);
  await assert.rejects(
    client.readBytes(4, 20),
    /4 bytes: not within 20 ms; connection open, received \[02\]/,
  );
  await assert.rejects(client.expectClose(20), /the end of the connection: not within 20 ms/);
  client.destroy();
});

test('a refused connection rejects', async () => {
  const unused = createServer().listen(0, '127.0.0.1');
  await once(unused, 'listening');
  const { port: free } = unused.address() as AddressInfo;
  unused.close();
  await once(unused, 'close');
  await assert.rejects(RawClient.connect(free), { code: 'ECONNREFUSED' });
});
