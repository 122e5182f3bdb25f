import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { PeerAddress, TransportType } from '../engine/client-info.js';
import { listenError } from './listen-error.js';
import type { ListenerConfig } from './listener-config.js';

/** Whether listeners of a kind have a port of UDP, not one of TCP. */
export function isDatagram(transport: TransportType): boolean {
  return transport === 'udp' || transport === 'dtls';
}

/**
 * Binds where a listener is to be bound, and lets go of it: what speaks against it is known before anything is closed for it.
 * @param name full name of the listener @param configKey path of its section of the configuration
 * @throws PorticoError `PORTICO_ERR_LISTEN`, as the start of the listener
 */
export async function tryAddress(
  name: string,
  configKey: string,
  transport: TransportType,
  config: ListenerConfig,
): Promise<void> {
  const { bind } = config;
  try {
    await (isDatagram(transport)
      ? tryUdp(bind, 'reuse_address' in config && config.reuse_address)
      : tryTcp(bind));
  } catch (cause) {
    throw listenError(name, bind, `${configKey}.bind`, cause);
  }
}

async function tryTcp({ host, port }: PeerAddress): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  server.listen({ host, port });
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

async function tryUdp({ host, port }: PeerAddress, reuseAddr: boolean): Promise<void> {
  const { address, family } = await lookup(host);
  const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', reuseAddr });
  try {
    const listening = once(socket, 'listening');
    socket.bind({ address, port });
    await listening;
  } finally {
    socket.close();
  }
}
