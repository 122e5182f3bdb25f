import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { bytesTaken } from './node-internals.js';
import { acceptShared, readInto } from './shared-reading.js';

/** A connected pair of sockets: accepted paused, and the client. */
async function pair(t: TestContext): Promise<{ accepted: Socket; client: Socket }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  t.after(() => {
    client.destroy();
    server.close();
  });
  return { accepted, client };
}

/** Sends `hello` from client to `accepted`, then closes. @returns the socket in use and what was heard there */
async function listen(accepted: Socket, client: Socket): Promise<{ socket: Socket; heard: string[] }> {
  const heard: string[] = [];
  let socket = accepted;
  await new Promise<void>((resolve) => {
    socket = readInto(accepted, {
      onSocketData: (bytes) => heard.push(bytes.toString()),
      onSocketEnd: () => {
        heard.push('end');
        socket.end();
      },
      onSocketError: (error) => heard.push(error.message),
      onSocketClose: () => {
        heard.push('close');
        resolve();
      },
    });
    client.end('hello');
  });
  return { socket, heard };
}

test('a socket is moved to the shared buffer, and its events are told', async (t) => {
  const { accepted, client } = await pair(t);
  const { socket, heard } = await listen(accepted, client);
  assert.notEqual(socket, accepted);
  assert.deepEqual(heard, ['hello', 'end', 'close']);
});

test('where Node cannot do that, the socket itself is read, to the same effect', async (t) => {
  const { accepted, client } = await pair(t);
  const { _handle } = accepted as unknown as { _handle: object };
  Object.defineProperty(_handle, 'useUserBuffer', { value: undefined });
  const { socket, heard } = await listen(accepted, client);
  assert.equal(socket, accepted);
  assert.deepEqual(heard, ['hello', 'end', 'close']);
});

test('what a server counts as its connections goes back to none', async (t) => {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as { port: number }).port, '127.0.0.1');
  t.after(() => client.destroy());
  const [accepted] = (await once(server, 'connection')) as [Socket];
  await listen(accepted, client);
  server.close();
  await once(server, 'close');
});

test('bytes taken are told without the handle too, only less finely', () => {
  const socket = { bytesWritten: 10, writableLength: 4 } as Socket;
  assert.equal(bytesTaken(socket), 6);
});

/** Has the server's connections come without the means to read into shared memory. */
function disable(server: Server): void {
  const { _handle } = server as unknown as {
    _handle: { onconnection: (error: number, handle: object) => void };
  };
  const accept = _handle.onconnection;
  _handle.onconnection = function (error, handle) {
    Object.defineProperty(handle, 'useUserBuffer', { value: undefined });
    accept.call(this, error, handle);
  };
}

test('a server hands over sockets that need not be moved, and goes on as ever where Node cannot do that', async (t) => {
  for (const able of [true, false]) {
    const options = { pauseOnConnect: true, allowHalfOpen: true };
    const server = createServer(options).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepting = new Promise<{ socket: Socket; ordinary: boolean }>((resolve) => {
      acceptShared(server, { noDelay: true, keepAlive: 0 }, (socket) => resolve({ socket, ordinary: false }));
      server.on('connection', (socket) => resolve({ socket, ordinary: true }));
    });
    if (!able) disable(server);
    const client = connect((server.address() as { port: number }).port, '127.0.0.1');
    t.after(() => {
      client.destroy();
      server.close();
    });
    const accepted = await accepting;
    assert.equal(accepted.ordinary, !able);
    const { socket, heard } = await listen(accepted.socket, client);
    assert.equal(socket, accepted.socket);
    assert.deepEqual(heard, ['hello', 'end', 'close']);
  }
});
