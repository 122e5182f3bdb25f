import type { BindOptions, Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { systemClock, Timers } from '@portico/core';
import { DtlsClient, type DtlsClientOptions, type DtlsSession, type DtlsSessionHandler } from '@portico/dtls';
import { openSocket, type Wire } from './udp-peer.js';

/** What the clients of all loads have, and what the hub is told of them. */
export const PSK = { identity: 'bench', key: 'a key of sixteen' } as const;

const OPTIONS: DtlsClientOptions = {
  credentials: { kind: 'psk', identity: PSK.identity, key: Buffer.from(PSK.key) },
  cipherSuites: ['TLS_PSK_WITH_AES_128_CCM_8'],
  handshakeTime: 30_000,
};

const timers = new Timers(systemClock, (error) => {
  throw error;
});

/** A DTLS client of the load: one session after the other by one socket. */
export class DtlsWire
  extends EventEmitter<{ message: [Buffer]; session: [] }>
  implements Wire, DtlsSessionHandler
{
  readonly socket: Socket;
  #client: DtlsClient;
  #session: DtlsSession | undefined;

  constructor(socket: Socket) {
    super();
    this.socket = socket;
    this.#client = this.#makeClient();
    socket.on('message', (datagram) => this.#client.receive(datagram));
  }

  /** Begins a handshake; emits `session` when it is complete. */
  begin(): void {
    this.#client = this.#makeClient();
    this.#client.connect();
  }

  send(datagram: Buffer): void {
    this.#session?.send(datagram);
  }

  /** Says goodbye to the server. */
  leave(): void {
    this.#session?.close();
  }

  onData(bytes: Buffer): void {
    this.emit('message', bytes);
  }

  onMoved(): void {}

  onClose(): void {}

  #makeClient(): DtlsClient {
    return new DtlsClient(OPTIONS, {
      now: () => systemClock.monotonic(),
      timers,
      send: (datagram) => this.socket.send(datagram),
      accept: (session) => {
        this.#session = session;
        process.nextTick(() => this.emit('session'));
        return this;
      },
      refused: ({ reason, detail }) => {
        throw new Error(`the handshake failed, ${reason}: ${detail}`);
      },
    });
  }
}

/** A client whose handshake is complete. @param from where it sends from, if that is not for the system to choose */
export async function openDtls(port: number, from?: BindOptions): Promise<DtlsWire> {
  const wire = new DtlsWire(await openSocket(port, from));
  const complete = once(wire, 'session');
  wire.begin();
  await complete;
  return wire;
}
