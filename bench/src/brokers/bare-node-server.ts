/**
 * The floor under every MQTT broker on Node.js, on the port given as the argument: sockets of node:net, packets
 * found by their fixed header and passed on as they are to the one subscriber of their topic, everything else
 * answered with prepared bytes. It checks nothing, keeps nothing, and writes each packet for itself.
 */

import { createServer, type Socket } from 'node:net';

const [CONNECT, PUBLISH, SUBSCRIBE, DISCONNECT] = [1, 3, 8, 14];
const CONNACK = Buffer.from([0x20, 2, 0, 0]);
const SUBACK = Buffer.from([0x90, 3, 0, 1, 0]);

const subscribers = new Map<string, Socket>();

function handle(socket: Socket, type: number, packet: Buffer, body: number): void {
  if (type === PUBLISH) {
    const topic = packet.toString('latin1', body + 2, body + 2 + packet.readUInt16BE(body));
    subscribers.get(topic)?.write(Buffer.from(packet));
  } else if (type === CONNECT) {
    socket.write(CONNACK);
  } else if (type === SUBSCRIBE) {
    subscribers.set(packet.toString('latin1', body + 4, body + 4 + packet.readUInt16BE(body + 2)), socket);
    socket.write(SUBACK);
  } else if (type === DISCONNECT) {
    socket.end();
  }
}

/** Cuts out whole packets, with a remaining length of one byte. @returns what is left */
function cut(socket: Socket, bytes: Buffer): Buffer {
  let at = 0;
  while (bytes.length - at >= 2) {
    const end = at + 2 + (bytes[at + 1] as number);
    if (end > bytes.length) break;
    handle(socket, (bytes[at] as number) >> 4, bytes.subarray(at, end), 2);
    at = end;
  }
  return bytes.subarray(at);
}

const server = createServer({ noDelay: true }, (socket) => {
  let rest: Buffer | undefined;
  socket.on('data', (chunk) => {
    const left = cut(socket, rest === undefined ? chunk : Buffer.concat([rest, chunk]));
    rest = left.length === 0 ? undefined : left;
  });
  socket.on('error', () => socket.destroy());
});
server.listen(Number(process.argv[2]), '127.0.0.1', 1024, () => console.log('ready'));
