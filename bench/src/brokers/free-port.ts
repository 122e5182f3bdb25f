import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** How often two ports side by side are looked for. */
const ATTEMPTS = 100;
/**
 * Below those that Linux gives to clients, 32,768 and above: they are not free until a minute after a connection, of which
 * the case before may have had thousands.
 */
const PORTS = { from: 10_000, to: 32_000 } as const;

/** A port of 127.0.0.1 that nobody listens on, nor on the next one: some peers listen on both. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
  throw new Error('there are no two free ports side by side');
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port).catch(() => undefined);
  if (server === undefined) return false;
  await once(server.close(), 'close');
  return true;
}

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
