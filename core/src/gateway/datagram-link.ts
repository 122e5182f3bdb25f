import type { ByteSink, DatagramCodec } from './contract.js';
import { isFrameFault, Link } from './link.js';
import { showReceived } from './wire-view.js';

/** Datagrams of one peer kept while an earlier one is being handled asynchronously, or its rate is exceeded. */
const MAX_WAITING = 16;
const SCRATCH_SIZE = 2048;

/** Where one outgoing datagram is encoded before it is sent; shared by all links, since sending is synchronous. */
class DatagramSink implements ByteSink {
  buffer = Buffer.allocUnsafeSlow(SCRATCH_SIZE);
  #length = 0;

  reserve(size: number): number {
    const offset = this.#length;
    const needed = offset + size;
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(needed * 2);
      this.buffer.copy(larger, 0, 0, offset);
      this.buffer = larger;
    }
    this.#length = needed;
    return offset;
  }

  take(): Buffer {
    const bytes = this.buffer.subarray(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  /** The bytes taken last are still in use: goes on with other memory. */
  giveAway(): void {
    this.buffer = Buffer.allocUnsafeSlow(SCRATCH_SIZE);
  }
}

const sink = new DatagramSink();

/** A link to one address: each datagram is a frame of its own, and each frame leaves at once as a datagram. */
export class DatagramLink<In, Out> extends Link<In, Out> {
  declare readonly codec: DatagramCodec<In, Out>;
  protected readonly flowControlled = false;
  #waiting: Buffer[] | undefined;

  protected write(frame: Out): void {
    this.codec.encode(frame, sink);
    const bytes = sink.take();
    this.countWritten(bytes.length);
    this.services.counters.bytesSent.value += bytes.length;
    if (!this.connection.write(bytes)) sink.giveAway();
  }

  protected receive(datagram: Buffer): void {
    if (!this.pauses.any) this.#decode(datagram);
    else if (this.#waiting === undefined || this.#waiting.length < MAX_WAITING) {
      this.#waiting ??= [];
      this.#waiting.push(Buffer.from(datagram));
    } else this.#drop();
  }

  #drop(): void {
    const { busy, rate } = this.services.counters.datagramsDropped;
    (this.pauses.byRate ? rate : busy).value++;
  }

  #decode(datagram: Buffer): void {
    this.pauses.chargeBytes(datagram.length);
    let frame: In;
    try {
      frame = this.codec.decode(datagram);
    } catch (error) {
      if (!isFrameFault(error)) throw error;
      this.reject(error, datagram);
      return;
    }
    if (this.services.wire.watched) showReceived(this.services.wire, this, datagram, frame);
    this.handle(frame);
  }

  protected handleWaiting(): void {
    while (!this.pauses.any && !this.ended) {
      const datagram = this.#waiting?.shift();
      if (datagram === undefined) {
        this.#waiting = undefined;
        return;
      }
      this.#decode(datagram);
    }
  }

  /** Every datagram is a frame or none. */
  protected readonly undecoded = undefined;

  stopReading(): void {}

  protected readAgain(): void {}

  protected flush(): void {}
}
