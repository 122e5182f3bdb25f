import { once } from 'node:events';
import { connect } from 'node:net';
import { connectPacket, DISCONNECT, subscribePacket } from './mqtt-packets.js';

/** Makes a session that outlives its connection, with a subscription of QoS 1, and goes. */
export async function leaveSession(port: number, clientId: string, filter: string): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  for (const packet of [connectPacket(clientId, false), subscribePacket([filter], 1)]) {
    socket.write(packet);
    await once(socket, 'data');
  }
  socket.end(DISCONNECT);
  await once(socket, 'close');
}
