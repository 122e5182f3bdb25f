import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, type SnMessage } from '@portico/codec-mqtt-sn';
import { BufferSink } from '@portico/frame';

/** Sends CONNECT for a clean session, and waits for the CONNACK. */
export async function connectSn(socket: Socket, clientId: string): Promise<void> {
  const connect = { type: 'connect', will: false, cleanSession: true, protocolId: 1, duration: 0 } as const;
  const answer = await askSn(socket, { ...connect, clientId });
  if (answer.type !== 'connack' || answer.returnCode !== 0)
    throw new Error(`the peer answered ${answer.type}`);
}

/** Sends a message and waits for the next one from the other side. */
export async function askSn(socket: Socket, message: SnMessage): Promise<SnMessage> {
  const answered = once(socket, 'message');
  socket.send(bytesOf(message));
  const [answer] = (await answered) as [Buffer];
  return decode(answer);
}

export function bytesOf(message: SnMessage): Buffer {
  const sink = new BufferSink();
  encode(message, sink);
  return Buffer.from(sink.take());
}
