import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { Method, NO_BYTES, OptionNumber, uintOption } from '@portico/codec-coap';
import { requestTo } from './coap-load.js';
import type { CoapObserveLoad } from './job.js';
import { openAll } from './open-all.js';
import { openSocket } from './udp-peer.js';
import type { RunningLoad } from './window.js';

const TOPIC = 'bench';
/** A publication that has not come to all observers after so long is followed by the next. */
const PATIENCE_MS = 1000;
/** First half of the first byte of a confirmable message, first byte of an Empty acknowledgement, RFC 7252 §3. */
const CONFIRMABLE = 0x4;
const ACKNOWLEDGEMENT = 0x60;
/** 2.05, of the answer to a registration and of each notification. */
const CONTENT = 0x45;

/** A load whose observers all observe one topic, to which a peer publishes again when all have been notified. */
export async function startCoapObserveLoad(load: CoapObserveLoad, port: number): Promise<RunningLoad> {
  const publisher = await openSocket(port);
  const fanOut = new FanOut(publisher, load);
  await openAll(Array.from({ length: load.observers }), async (_, index) => {
    const socket = await openSocket(port);
    await register(socket, index);
    socket.on('message', (notification) => fanOut.notified(socket, notification));
  });
  fanOut.publish();
  const watch = setInterval(() => fanOut.publishIfStuck(), PATIENCE_MS);
  return {
    get expected() {
      return fanOut.expected;
    },
    get received() {
      return fanOut.received;
    },
    latencies: undefined,
    stop() {
      clearInterval(watch);
      fanOut.stop();
    },
  };
}

/** Observes the topic, as a client of its own. */
async function register(socket: Socket, index: number): Promise<void> {
  const answered = once(socket, 'message');
  const options = [uintOption(OptionNumber.Observe, 0)];
  const clientId = `observer-${index}`;
  socket.send(requestTo(TOPIC, { clientId, method: Method.GET, options, payload: NO_BYTES }));
  const [answer] = (await answered) as [Buffer];
  if (answer[1] !== CONTENT) throw new Error(`the peer answered ${answer.toString('hex')}`);
}

/** One topic: what has been published to it, and who has been told. */
class FanOut {
  expected = 0;
  received = 0;
  readonly #publisher: Socket;
  readonly #observers: number;
  readonly #request: Buffer;
  #messageId = 0;
  #publishedAt = 0;
  #stopped = false;

  constructor(publisher: Socket, { observers, payloadBytes }: CoapObserveLoad) {
    this.#publisher = publisher;
    this.#observers = observers;
    const payload = Buffer.alloc(payloadBytes, 'x');
    this.#request = requestTo(TOPIC, { clientId: 'publisher', method: Method.PUT, options: [], payload });
  }

  publish(): void {
    this.#publishedAt = performance.now();
    this.expected = this.received + this.#observers;
    this.#messageId = (this.#messageId + 1) & 0xffff;
    this.#request.writeUInt16BE(this.#messageId, 2);
    this.#publisher.send(this.#request);
  }

  publishIfStuck(): void {
    if (performance.now() - this.#publishedAt > PATIENCE_MS) this.publish();
  }

  stop(): void {
    this.#stopped = true;
  }

  notified(socket: Socket, notification: Buffer): void {
    if (notification[1] !== CONTENT) return;
    const confirmable = notification.readUInt8(0) >> 4 === CONFIRMABLE;
    if (confirmable)
      socket.send(Buffer.of(ACKNOWLEDGEMENT, 0, notification.readUInt8(2), notification.readUInt8(3)));
    this.received++;
    if (this.received === this.expected && !this.#stopped) this.publish();
  }
}
