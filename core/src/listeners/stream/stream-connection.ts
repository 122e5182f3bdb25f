import type { Socket } from 'node:net';
import type { ConnectionInfo } from '../../engine/client-info.js';
import type { ConnectionHandler } from '../connection.js';
import type { Arrival, Stage } from './arrivals.js';
import type { ConnectionSite } from './connection-site.js';
import { readInto, type SocketEvents } from './shared-reading.js';
import { SocketConnection } from './socket-connection.js';

const NOTHING = Buffer.alloc(0);

/** A TCP or TLS connection. */
class StreamConnection extends SocketConnection implements SocketEvents {
  protected readonly handler: ConnectionHandler;
  protected readonly source: Socket;
  protected readonly transport: Socket;
  /** Called after every write under TLS, where none is done at once; for plain TCP that would cost too much. */
  readonly #onWritten: (() => void) | undefined;
  /** Nothing has been received yet. */
  #silent = true;

  constructor(info: ConnectionInfo, arrival: Arrival, site: ConnectionSite) {
    super(info, site);
    this.source = readInto(arrival.socket, this);
    const encrypted = arrival.socket !== arrival.transport;
    this.transport = encrypted ? arrival.transport : this.source;
    if (encrypted) this.#onWritten = () => this.#afterWriting();
    this.handler = site.accept(this);
    if (arrival.unread !== undefined) this.onSocketData(arrival.unread);
  }

  get pendingBytes(): number {
    return this.source.writableLength;
  }

  write(bytes: Buffer): boolean {
    if (this.finished) return true;
    this.source.write(bytes, this.#onWritten);
    if (this.source.writableLength === 0) return true;
    if (!this.blocked) {
      this.block();
      this.#requestNotice();
    }
    return false;
  }

  onSocketData(bytes: Buffer): void {
    if (this.finished) return;
    const stray = this.#silent && this.site.isStrayProxyHeader(bytes, this.info.peer);
    this.#silent = false;
    if (stray) this.abort('proxy_protocol_off');
    else this.handler.onData(bytes);
  }

  onSocketEnd(): void {
    this.because('closed');
    if (!this.finished) this.handler.onEnd();
  }

  onSocketError(error: Error): void {
    this.because(error);
  }

  onSocketClose(): void {
    this.closed();
  }

  protected closeGently(): void {
    this.source.end();
  }

  protected cut(): void {
    this.source.destroy();
  }

  /** Node says `drain` only when much was left over, but an empty write is done when all before it is. */
  #requestNotice(): void {
    if (this.#onWritten === undefined) this.source.write(NOTHING, () => this.#afterWriting());
  }

  #afterWriting(): void {
    if (!this.blocked || this.finished) return;
    if (this.source.writableLength > 0) this.#requestNotice();
    else this.unblock();
  }
}

/** The last stage of tcp and tls listeners. */
export class StreamStage implements Stage {
  readonly #site: ConnectionSite;

  constructor(site: ConnectionSite) {
    this.#site = site;
  }

  enter(arrival: Arrival): void {
    const info = this.#site.enlist(arrival, undefined);
    if (info !== undefined) new StreamConnection(info, arrival, this.#site);
  }
}
