import type { Socket } from 'node:dgram';
import type { Lwm2mReadLoad } from './job.js';
import { registerDevice } from './lwm2m-device.js';
import { CountingConnection } from './mqtt-connection.js';
import { publishPacket } from './mqtt-packets.js';
import { openAll } from './open-all.js';
import { openSocket } from './udp-peer.js';
import type { RunningLoad } from './window.js';

/** Of message id and token in a message, RFC 7252 §3. */
const MESSAGE_ID_AT = 2;
const TOKEN_AT = 4;
/** First byte of a confirmable message and of an acknowledgement, the length of the token to be added. */
const CONFIRMABLE = 0x40;
const ACKNOWLEDGEMENT = 0x60;
const GET = 1;
/** 2.05 Content. */
const CONTENT = 0x45;
/** Content-Format 0, which is text, and the payload `95`. */
const TEXT_95 = Buffer.from('c0ff3935', 'hex');

/** A load whose devices register; then as many commands are on their way as there may be, to each device in turn. */
export async function startReadLoad(load: Lwm2mReadLoad, port: number): Promise<RunningLoad> {
  const names = Array.from({ length: load.devices }, (_, index) => `device-${index}`);
  await openAll(names, async (name) => {
    const socket = await openSocket(port);
    await registerDevice(socket, name);
    socket.on('message', (request) => answer(socket, request));
  });
  const commands = new Commands(names);
  const subscriber = new CountingConnection((answers) => commands.answered(answers));
  await subscriber.connect({ port, tls: false }, 'subscriber');
  await subscriber.subscribe(['lwm2m/+/up/resp'], 0);
  await commands.connection.connect({ port, tls: false }, 'publisher');
  commands.send(load.inFlight);
  return commands;
}

/** Answers a request to read with an acknowledgement that has the value in it. */
function answer(socket: Socket, request: Buffer): void {
  const tokenLength = request.readUInt8(0) - CONFIRMABLE;
  if (tokenLength < 0 || tokenLength > 8 || request.readUInt8(1) !== GET)
    throw new Error(`the peer asked ${request.toString('hex')}`);
  const end = TOKEN_AT + tokenLength;
  const response = Buffer.allocUnsafe(end + TEXT_95.length);
  response[0] = ACKNOWLEDGEMENT + tokenLength;
  response[1] = CONTENT;
  request.copy(response, MESSAGE_ID_AT, MESSAGE_ID_AT, end);
  TEXT_95.copy(response, end);
  socket.send(response);
}

/** Publishes commands, another one for each answer. */
class Commands implements RunningLoad {
  expected = 0;
  received = 0;
  readonly latencies = undefined;
  readonly connection = new CountingConnection(() => {});
  readonly #packets: readonly Buffer[];
  #stopped = false;

  /** @param names of the devices */
  constructor(names: readonly string[]) {
    const data = { path: '/3/0/9' };
    this.#packets = names.map((name, reqID) => {
      const command = Buffer.from(JSON.stringify({ reqID, msgType: 'read', data }));
      return publishPacket(`lwm2m/${name}/dn/x`, command, 0, 0);
    });
  }

  send(count: number): void {
    const { length } = this.#packets;
    const packets = Array.from(
      { length: count },
      (_, index) => this.#packets[(this.expected + index) % length] as Buffer,
    );
    this.expected += count;
    this.connection.write(Buffer.concat(packets));
  }

  answered(count: number): void {
    this.received += count;
    if (count > 0 && !this.#stopped) this.send(count);
  }

  stop(): void {
    this.#stopped = true;
  }
}
