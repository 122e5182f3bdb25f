import type {
  DropReason,
  DtlsClientHost,
  DtlsClientOptions,
  DtlsCounters,
  DtlsSession,
} from '../contract.js';
import { Counters } from '../counters.js';
import type { Failure } from '../handshake/handshake.js';
import { isP256 } from '../handshake/presented-key.js';
import { requireRanges } from '../ranges.js';
import { CONTENT, RecordCursor } from '../record/record.js';
import { type Established, Session } from '../session/session.js';
import { ClientHandshake } from './client-handshake.js';

/** A DTLS client: one handshake with one server, and the session that it leads to. */
export class DtlsClient {
  readonly #options: DtlsClientOptions;
  readonly #host: DtlsClientHost;
  readonly #counters = new Counters();
  readonly #handshake: ClientHandshake;
  #session: Session | undefined;

  /**
   * @throws TypeError when a private key is not on the curve P-256, or `verifyServer` is needed and missing
   * @throws RangeError when `connectionId` or `mtu` is out of its range
   */
  constructor(options: DtlsClientOptions, host: DtlsClientHost) {
    const { credentials, connectionId } = options;
    requireRanges(options.mtu, connectionId?.length);
    if ('privateKey' in credentials && !isP256(credentials.privateKey)) {
      throw new TypeError('the private key is not on the curve P-256');
    }
    if (credentials.kind !== 'psk' && options.verifyServer === undefined) {
      throw new TypeError('nothing says which servers to trust');
    }
    this.#options = options;
    this.#host = host;
    const site = {
      environment: host,
      counters: this.#counters,
      handshakeTime: options.handshakeTime,
      cidLength: connectionId?.length ?? 0,
    };
    const owner = {
      send: (datagram: Buffer) => host.send(datagram),
      complete: (established: Established) => this.#open(established),
      fail: (failure: Failure) => host.refused({ from: undefined, ...failure }),
    };
    this.#handshake = new ClientHandshake(site, owner, options);
  }

  get counters(): DtlsCounters {
    return this.#counters;
  }

  /** There once the handshake is complete. */
  get session(): DtlsSession | undefined {
    return this.#session;
  }

  /** Begins the handshake; call it once. */
  connect(): void {
    this.#counters.handshakesStarted++;
    this.#handshake.start();
  }

  /** Takes one datagram of the server. Its memory is the client's from then on: it is decrypted in place. */
  receive(datagram: Buffer): void {
    const record = new RecordCursor(datagram, this.#options.connectionId?.length ?? 0);
    while (record.more) {
      const drop = record.next() ?? this.#dropReason(record);
      if (drop !== undefined) {
        this.#counters.dropped[drop]++;
        return;
      }
      if (this.#session === undefined) this.#handshake.receive(record);
      else this.#session.receive(record);
    }
  }

  /** Ends the session, or gives the handshake up. */
  close(): void {
    if (this.#session === undefined)
      this.#handshake.abort('internal', 'user_canceled', 'the client was closed');
    else this.#session.close();
  }

  /** A connection id that is not ours is none (RFC 9146 §3). */
  #dropReason(record: RecordCursor): DropReason | undefined {
    const own = this.#options.connectionId;
    const ofAnother = record.type === CONTENT.tls12_cid && own?.equals(record.connectionId()) !== true;
    return ofAnother ? 'unknown_peer' : undefined;
  }

  #open(established: Established): void {
    const session = new Session(established, {
      environment: this.#host,
      counters: this.#counters,
      idleTime: 0,
      renegotiationRequest: 'hello_request',
      transmit: (datagram) => this.#host.send(datagram),
      mayMove: () => false,
      moved: () => {},
      forget: () => {},
    });
    this.#session = session;
    this.#counters.handshakesCompleted++;
    if (session.resumed) this.#counters.sessionsResumed++;
    session.open((opened) => this.#host.accept(opened));
  }
}
