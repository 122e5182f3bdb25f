import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { encode, MessageType, Method, OptionNumber, stringOption } from '@portico/codec-coap';
import { BufferSink } from '@portico/frame';
import type { CoapLoad } from './job.js';
import type { RunningLoad } from './window.js';

/** A peer that has had no answer for so long counts the request as lost and sends the next. */
const PATIENCE_MS = 1000;
/** Classes of response codes, RFC 7252 §5.9. */
const CLIENT_ERROR = 4;

/** A load whose peers each send a PUT, wait for its answer, and send the next. */
export async function startCoapLoad(load: CoapLoad, port: number): Promise<RunningLoad> {
  const payload = Buffer.alloc(load.payloadBytes, 'x');
  const peers = await Promise.all(
    Array.from({ length: load.peers }, (_, index) => CoapPeer.open(port, index, payload)),
  );
  for (const peer of peers) peer.send();
  const watch = setInterval(() => {
    for (const peer of peers) peer.sendIfForgotten();
  }, PATIENCE_MS);
  const sum = (count: (peer: CoapPeer) => number) => peers.reduce((total, peer) => total + count(peer), 0);
  return {
    get expected() {
      return sum((peer) => peer.sent);
    },
    get received() {
      return sum((peer) => peer.answered);
    },
    latencies: undefined,
    stop() {
      clearInterval(watch);
      for (const peer of peers) peer.stop();
    },
  };
}

class CoapPeer {
  sent = 0;
  answered = 0;
  readonly #socket: Socket;
  readonly #request: Buffer;
  #messageId = 0;
  #sentAt = 0;
  #stopped = false;

  private constructor(socket: Socket, request: Buffer) {
    this.#socket = socket;
    this.#request = request;
    socket.on('message', (response) => this.#onResponse(response));
  }

  static async open(port: number, index: number, payload: Buffer): Promise<CoapPeer> {
    const socket = createSocket('udp4');
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new CoapPeer(socket, putRequest(index, payload));
  }

  send(): void {
    this.sent++;
    this.#sentAt = performance.now();
    this.#messageId = (this.#messageId + 1) & 0xffff;
    this.#request.writeUInt16BE(this.#messageId, 2);
    this.#socket.send(this.#request);
  }

  sendIfForgotten(): void {
    if (performance.now() - this.#sentAt > PATIENCE_MS) this.send();
  }

  stop(): void {
    this.#stopped = true;
  }

  #onResponse(response: Buffer): void {
    const code = response[1] as number;
    if (code >> 5 >= CLIENT_ERROR) throw new Error(`the peer answered ${code >> 5}.0${code & 31}`);
    if (response.readUInt16BE(2) !== this.#messageId) return;
    this.answered++;
    if (!this.#stopped) this.send();
  }
}

/** A confirmable PUT to a topic of the peer's own; its message id is still to be written. */
function putRequest(index: number, payload: Buffer): Buffer {
  const sink = new BufferSink();
  const options = [
    stringOption(OptionNumber.UriPath, 'mqtt'),
    stringOption(OptionNumber.UriPath, 'bench'),
    stringOption(OptionNumber.UriPath, `${index}`),
    stringOption(OptionNumber.UriQuery, `c=peer-${index}`),
  ];
  const token = Buffer.of(index);
  encode({ type: MessageType.CON, code: Method.PUT, messageId: 0, token, options, payload }, sink);
  return sink.take();
}
