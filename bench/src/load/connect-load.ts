import { connect } from 'node:net';
import type { ConnectLoad } from './job.js';
import { connectPacket, DISCONNECT } from './mqtt-packets.js';
import type { RunningLoad } from './window.js';

/** Clients that connect, wait for CONNACK, disconnect, wait for the broker to close, and begin again. */
export async function startConnectLoad({ parallel }: ConnectLoad, port: number): Promise<RunningLoad> {
  const clients = Array.from({ length: parallel }, (_, index) => new ComingAndGoing(port, `client-${index}`));
  for (const client of clients) client.begin();
  const sum = (count: (client: ComingAndGoing) => number) =>
    clients.reduce((total, client) => total + count(client), 0);
  return {
    get expected() {
      return sum((client) => client.begun);
    },
    get received() {
      return sum((client) => client.welcomed);
    },
    latencies: undefined,
    stop() {
      for (const client of clients) client.stop();
    },
  };
}

class ComingAndGoing {
  begun = 0;
  welcomed = 0;
  readonly #port: number;
  readonly #connect: Buffer;
  #stopped = false;

  constructor(port: number, clientId: string) {
    this.#port = port;
    this.#connect = connectPacket(clientId);
  }

  stop(): void {
    this.#stopped = true;
  }

  begin(): void {
    if (this.#stopped) return;
    this.begun++;
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    socket.write(this.#connect);
    socket.once('data', () => {
      this.welcomed++;
      socket.end(DISCONNECT);
    });
    socket.on('close', () => this.begin());
  }
}
