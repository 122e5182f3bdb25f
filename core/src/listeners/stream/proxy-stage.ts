import { type ProxyHeader, ProxyProtocolError } from '../proxy-protocol/header.js';
import { ProxyHeaderReader } from '../proxy-protocol/reader.js';
import type { Arrival, Arrivals, Stage } from './arrivals.js';

/** Reads the PROXY header, and takes the addresses from it. */
export class ProxyStage implements Stage {
  readonly #arrivals: Arrivals;
  readonly #timeout: number;
  readonly #next: Stage;

  /** @param timeout milliseconds that the header may take */
  constructor(arrivals: Arrivals, timeout: number, next: Stage) {
    this.#arrivals = arrivals;
    this.#timeout = timeout;
    this.#next = next;
  }

  enter(arrival: Arrival): void {
    const { socket } = arrival;
    const reader = new ProxyHeaderReader();
    const onData = (chunk: Buffer) => {
      const header = this.#read(arrival, reader, chunk);
      if (header === undefined) return;
      socket.pause();
      socket.off('data', onData);
      socket.off('end', onEnd);
      this.#pass(arrival, header, reader.rest);
    };
    const onEnd = () => this.#arrivals.refuse(arrival, 'gone');
    this.#arrivals.expect(arrival, this.#timeout, 'proxy_protocol_timeout');
    socket.on('data', onData);
    socket.on('end', onEnd);
    socket.resume();
  }

  reload(): void {
    this.#next.reload?.();
  }

  get certificatesEnd(): number | undefined {
    return this.#next.certificatesEnd;
  }

  #read(arrival: Arrival, reader: ProxyHeaderReader, chunk: Buffer): ProxyHeader | undefined {
    try {
      return reader.push(chunk);
    } catch (error) {
      if (!(error instanceof ProxyProtocolError)) throw error;
      this.#arrivals.refuse(arrival, 'proxy_protocol', `${error.fault}: ${error.message}`);
      return undefined;
    }
  }

  #pass(arrival: Arrival, header: ProxyHeader, rest: Buffer): void {
    this.#arrivals.met(arrival);
    if (header.addresses !== undefined) {
      arrival.peer = header.addresses.source;
      arrival.local = header.addresses.destination;
    }
    arrival.certificate = header.certificate;
    arrival.serverName = header.authority;
    if (rest.length > 0) arrival.unread = rest;
    this.#next.enter(arrival);
  }
}
