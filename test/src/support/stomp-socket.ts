import { connect, type Socket } from 'node:net';
import type { IStompSocket, IStompSocketMessageEvent } from '@stomp/stompjs';

/** A TCP connection in the place of the WebSocket that @stomp/stompjs expects. */
export class StompSocket implements IStompSocket {
  readonly url: string;
  binaryType?: string;
  onopen: ((event?: unknown) => unknown) | undefined;
  onmessage: ((event: IStompSocketMessageEvent) => unknown) | undefined;
  onerror: ((event?: unknown) => unknown) | undefined;
  onclose: ((event?: unknown) => unknown) | undefined;
  /** As RFC 6455 clients count: connecting, open, closing, closed. */
  readyState = 0;
  readonly #socket: Socket;

  constructor(port: number) {
    this.url = `tcp://127.0.0.1:${port}`;
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('connect', () => {
      this.readyState = 1;
      this.onopen?.();
    });
    this.#socket.on('data', (bytes) => this.onmessage?.({ data: Uint8Array.from(bytes).buffer }));
    this.#socket.on('error', (error) => this.onerror?.(error));
    this.#socket.on('close', () => {
      this.readyState = 3;
      this.onclose?.({ code: 1000 });
    });
  }

  send(data: string | ArrayBuffer): void {
    this.#socket.write(typeof data === 'string' ? data : new Uint8Array(data));
  }

  close(): void {
    this.readyState = 2;
    this.#socket.end();
  }

  terminate(): void {
    this.#socket.destroy();
  }
}
