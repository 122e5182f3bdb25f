import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { patience } from './patience.js';

/** A UDP socket that is connected to a port on loopback; to be closed by whoever opens it. */
export async function openUdp(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** The next datagram that comes; fails when none does in time. */
export async function nextDatagram(socket: Socket): Promise<Buffer> {
  const [datagram] = (await once(socket, 'message', { signal: patience() })) as [Buffer];
  return datagram;
}
