import { DtlsClient } from '../client/dtls-client.js';
import type {
  DtlsClientOptions,
  DtlsCloseReason,
  DtlsRefusal,
  DtlsServerOptions,
  DtlsSession,
  DtlsSessionHandler,
  Endpoint,
  VerifyPeer,
} from '../contract.js';
import { DtlsServer } from '../server/dtls-server.js';
import { VirtualTime } from './virtual-time.js';

/** Takes everybody. */
export const trustAll: VerifyPeer = () => 'trusted';

/** PSK identity and key that {@link World} knows. */
export const IDENTITY = 'urn:imei:490154203237518';
export const KEY = Buffer.from('a key that nobody knows');

/** What the network does to datagrams. Probabilities are from 0 to 1. */
export interface Weather {
  readonly loss?: number;
  readonly duplication?: number;
  /** Most milliseconds by which a datagram is later than another: they overtake. */
  readonly jitter?: number;
  readonly seed?: number;
  /** Changes what is sent, for one datagram many or none. */
  readonly tamper?: (datagram: Buffer, to: 'client' | 'server') => Buffer[];
}

const LATENCY = 10;
/** Milliseconds that handshakes take at most, if not said otherwise: enough for bad luck in bad weather. */
const PATIENCE = 3_600_000;

/** Remembers what a session tells. */
export class Recorder implements DtlsSessionHandler {
  readonly session: DtlsSession;
  readonly received: string[] = [];
  moves = 0;
  closed: DtlsCloseReason | undefined;
  #onData: (bytes: Buffer) => void;

  constructor(session: DtlsSession, onData: (bytes: Buffer) => void = () => {}) {
    this.session = session;
    this.#onData = onData;
  }

  onData(bytes: Buffer): void {
    this.received.push(bytes.toString('latin1'));
    this.#onData(bytes);
  }

  onMoved(): void {
    this.moves++;
  }

  onClose(reason: DtlsCloseReason): void {
    if (this.closed !== undefined) throw new Error('closed twice');
    this.closed = reason;
  }
}

/** A client in the world, with what it tells. */
export interface WorldClient {
  readonly client: DtlsClient;
  readonly refusals: DtlsRefusal[];
  /** There once the handshake is complete. */
  recorder: Recorder | undefined;
  endpoint: Endpoint;
}

/** One server, clients, and a network between them with a weather of its own; time is virtual. */
export class World {
  readonly time = new VirtualTime();
  readonly server: DtlsServer;
  readonly refusals: DtlsRefusal[] = [];
  /** Of the server, in the order in which they came to be. */
  readonly sessions: Recorder[] = [];
  /** Datagrams that were sent, and their bytes, before any loss. */
  readonly sent = { toServer: [] as Buffer[], toClient: [] as Buffer[] };
  admits = true;
  weather: Weather;
  readonly #clients = new Map<string, WorldClient>();
  #random: number;
  #ports = 1000;

  constructor(options: Partial<DtlsServerOptions> = {}, weather: Weather = {}) {
    this.weather = weather;
    this.#random = weather.seed ?? 1;
    this.server = new DtlsServer(serverOptions(options), {
      now: () => this.time.now(),
      timers: this.time,
      send: (datagram, to) => {
        this.sent.toClient.push(Buffer.from(datagram));
        this.#carry(datagram, 'client', (bytes) => this.#clients.get(keyOf(to))?.client.receive(bytes));
      },
      admits: () => this.admits,
      mayMove: () => this.admits,
      accept: (session) => {
        const recorder = new Recorder(session, (bytes) => session.send(bytes));
        this.sessions.push(recorder);
        return recorder;
      },
      refused: (refusal) => this.refusals.push(refusal),
    });
  }

  /** A client that begins its handshake, with PSK and from a new address when nothing else is said. */
  connect(options: Partial<DtlsClientOptions> = {}, endpoint = this.#newEndpoint()): WorldClient {
    const refusals: DtlsRefusal[] = [];
    const client = new DtlsClient(
      {
        credentials: { kind: 'psk', identity: IDENTITY, key: KEY },
        handshakeTime: PATIENCE,
        verifyServer: trustAll,
        ...options,
      },
      {
        now: () => this.time.now(),
        timers: this.time,
        send: (datagram) => this.sendToServer(datagram, one.endpoint),
        accept: (session) => {
          one.recorder = new Recorder(session);
          return one.recorder;
        },
        refused: (refusal) => refusals.push(refusal),
      },
    );
    const one: WorldClient = { client, refusals, recorder: undefined, endpoint };
    this.#clients.set(keyOf(endpoint), one);
    client.connect();
    return one;
  }

  /** As {@link connect}, and waits for the session. */
  establish(options: Partial<DtlsClientOptions> = {}): WorldClient & { recorder: Recorder } {
    const one = this.connect(options);
    const { recorder } = this.until(one, () => one.recorder !== undefined);
    if (recorder === undefined) throw new Error(JSON.stringify([one.refusals, this.refusals]));
    return Object.assign(one, { recorder });
  }

  /** Gives a client a new address, as a NAT does. */
  move(one: WorldClient): void {
    this.#clients.delete(keyOf(one.endpoint));
    one.endpoint = this.#newEndpoint();
    this.#clients.set(keyOf(one.endpoint), one);
  }

  sendToServer(datagram: Buffer, from: Endpoint): void {
    this.sent.toServer.push(Buffer.from(datagram));
    this.#carry(datagram, 'server', (bytes) => this.server.receive(bytes, from, keyOf(from)));
  }

  /** Lets time go on until `done` or until nothing more happens, for twice {@link PATIENCE} at most. @returns `one` */
  until<T>(one: T, done: () => boolean): T {
    const limit = this.time.now() + 2 * PATIENCE;
    while (!done() && this.time.step(limit));
    return one;
  }

  /** Lets everything on the way arrive. */
  settle(): void {
    this.time.advance(LATENCY * 6 + (this.weather.jitter ?? 0));
  }

  #newEndpoint(): Endpoint {
    return { address: '10.0.0.1', port: this.#ports++ };
  }

  #carry(datagram: Buffer, to: 'client' | 'server', arrive: (bytes: Buffer) => void): void {
    const { loss = 0, duplication = 0, jitter = 0, tamper = (bytes: Buffer) => [bytes] } = this.weather;
    for (const bytes of tamper(datagram, to)) {
      const copies = this.#chance(loss) ? 0 : this.#chance(duplication) ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        const delay = LATENCY + Math.floor(this.#next() * (jitter + 1));
        this.time.after(delay, () => arrive(Buffer.from(bytes)));
      }
    }
  }

  #chance(probability: number): boolean {
    return probability > 0 && this.#next() < probability;
  }

  /** mulberry32 */
  #next(): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#random ^ (this.#random >>> 15), 1 | this.#random);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** Options of a server that knows {@link IDENTITY}. */
export function serverOptions(options: Partial<DtlsServerOptions> = {}): DtlsServerOptions {
  return {
    credentials: { psk: { find: (identity) => (identity === IDENTITY ? KEY : undefined) } },
    clients: { request: 'none', types: ['x509'], verify: trustAll },
    limits: { halfOpen: 100, sessions: 1000, idleTime: 0, handshakeTime: PATIENCE },
    connectionIdLength: 0,
    resumption: { sessions: 0, lifetime: 60_000 },
    ...options,
  };
}

function keyOf({ address, port }: Endpoint): string {
  return `${address}:${port}`;
}
