import type {
  DtlsCounters,
  DtlsServerHost,
  DtlsServerOptions,
  Endpoint,
  PeerKey,
  ServerCredentials,
} from '../contract.js';
import { Counters } from '../counters.js';

/** The DTLS server of one UDP port. It knows no peers so far. */
export class DtlsServer {
  readonly #counters = new Counters();

  constructor(_options: DtlsServerOptions, _host: DtlsServerHost) {}

  get counters(): DtlsCounters {
    return this.#counters;
  }

  /** Sessions whose handshake is complete. */
  get sessionCount(): number {
    return 0;
  }

  /** Handshakes under way. */
  get halfOpenCount(): number {
    return 0;
  }

  /**
   * Takes one datagram. Its memory is the server's from then on: it is decrypted in place.
   * @param from address it came from; kept, not copied
   * @param key one value for each address and port, as the host likes to make it
   */
  receive(_datagram: Buffer, _from: Endpoint, _key: PeerKey): void {
    this.#counters.dropped.unknown_peer++;
  }

  /** What handshakes that begin from now on use; sessions go on, and can be resumed no more. */
  useCredentials(_credentials: ServerCredentials): void {}

  /** Sends close_notify to all peers and forgets them; handshakes under way are refused. Takes nothing further. */
  close(): void {}
}
