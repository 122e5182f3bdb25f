import type { PeerAddress } from '../../engine/client-info.js';
import type { Clock } from '../../runtime/clock.js';
import { TokenBucket } from '../../runtime/token-bucket.js';
import { AccessRules } from '../access-rules.js';
import type { UdpListenerConfig } from '../listener-config.js';
import type { ListenerRecorder, Refused } from '../statistics.js';

type AdmissionConfig = Pick<UdpListenerConfig, 'access_rules' | 'max_connections' | 'max_conn_rate'>;

/** Whether a new peer of a UDP socket may come in. Who may not is counted and logged. */
export class PeerAdmission {
  readonly #rules: AccessRules;
  readonly #maxConnections: number;
  readonly #recorder: ListenerRecorder;
  /** For new peers. */
  readonly #rate: TokenBucket | undefined;
  readonly #loginRate: TokenBucket | undefined;
  /** No further peers come in. */
  closing = false;

  constructor(config: AdmissionConfig, clock: Clock, recorder: ListenerRecorder) {
    this.#rules = new AccessRules(config.access_rules);
    this.#maxConnections = config.max_connections;
    this.#recorder = recorder;
    const rate = config.max_conn_rate;
    if (rate === 0) return;
    this.#rate = new TokenBucket(clock, { burst: rate, perSecond: rate });
    this.#loginRate = new TokenBucket(clock, { burst: rate, perSecond: rate });
  }

  /** @param peers those that are there */
  admits(peer: PeerAddress, peers: number): boolean {
    const refusal = this.#refusalOf(peer.host, peers);
    if (refusal !== undefined) this.#recorder.refused(refusal, peer);
    return refusal === undefined;
  }

  /** Whether the access rules let a peer that is there already have this address. */
  allows({ host }: PeerAddress): boolean {
    return this.#rules.allows(host);
  }

  /** See `Listener.admitsLogin`. */
  admitsLogin(peer: PeerAddress): boolean {
    if (this.#loginRate?.take(1) !== false) return true;
    this.#recorder.refused('max_conn_rate', peer);
    return false;
  }

  #refusalOf(host: string, peers: number): Refused | undefined {
    if (this.closing) return 'listener_closed';
    if (!this.#rules.allows(host)) return 'access';
    if (peers >= this.#maxConnections) return 'max_connections';
    if (this.#rate?.take(1) === false) return 'max_conn_rate';
    return undefined;
  }
}
