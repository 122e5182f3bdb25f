import type { PeerAddress } from '../../engine/client-info.js';
import type { Clock } from '../../runtime/clock.js';
import { TokenBucket } from '../../runtime/token-bucket.js';
import { AccessRules } from '../access-rules.js';
import type { ListenerLimits } from '../connection.js';
import type { ListenerRecorder, Refused } from '../statistics.js';

/** Whether a new peer of a UDP socket may come in. Who may not is counted and logged. */
export class PeerAdmission {
  readonly #clock: Clock;
  readonly #recorder: ListenerRecorder;
  #limits: ListenerLimits;
  #rules: AccessRules;
  /** For new peers. */
  #rate: TokenBucket | undefined;
  #loginRate: TokenBucket | undefined;
  /** No further peers come in. */
  closing = false;

  constructor(limits: ListenerLimits, clock: Clock, recorder: ListenerRecorder) {
    this.#clock = clock;
    this.#recorder = recorder;
    this.#limits = limits;
    this.#rules = new AccessRules(limits.access_rules);
    this.#makeRates();
  }

  /** Other limits hold for peers that come from now on. */
  adjust(limits: ListenerLimits): void {
    const rateBefore = this.#limits.max_conn_rate;
    this.#limits = limits;
    this.#rules = new AccessRules(limits.access_rules);
    if (limits.max_conn_rate !== rateBefore) this.#makeRates();
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

  #makeRates(): void {
    const { max_conn_rate: rate } = this.#limits;
    const bucket = () =>
      rate === 0 ? undefined : new TokenBucket(this.#clock, { burst: rate, perSecond: rate });
    this.#rate = bucket();
    this.#loginRate = bucket();
  }

  #refusalOf(host: string, peers: number): Refused | undefined {
    if (this.closing) return 'listener_closed';
    if (!this.#rules.allows(host)) return 'access';
    if (peers >= this.#limits.max_connections) return 'max_connections';
    if (this.#rate?.take(1) === false) return 'max_conn_rate';
    return undefined;
  }
}
