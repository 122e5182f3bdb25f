import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** How often two ports side by side are looked for. */
const ATTEMPTS = 20;

/** A port of 127.0.0.1 that nobody listens on, nor on the next one: some peers listen on both. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = await listen(0);
    const port = portOf(first);
    const second = port === 65_535 ? undefined : await listen(port + 1).catch(() => undefined);
    await Promise.all([first, second].map((server) => server && once(server.close(), 'close')));
    if (second !== undefined) return port;
  }
  throw new Error('there are no two free ports side by side');
}

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
