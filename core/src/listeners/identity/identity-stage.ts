import type { Arrival, Arrivals, Stage } from '../stream/arrivals.js';
import type { IdentityConfig } from './identity-config.js';
import { IdentityMissing, proveIdentity } from './proven-identity.js';

/** Takes the client's username and client id from what TLS or a proxy has proved. */
class IdentityStage implements Stage {
  readonly #arrivals: Arrivals;
  readonly #config: IdentityConfig;
  readonly #next: Stage;

  constructor(arrivals: Arrivals, config: IdentityConfig, next: Stage) {
    this.#arrivals = arrivals;
    this.#config = config;
    this.#next = next;
  }

  enter(arrival: Arrival): void {
    try {
      arrival.proven = proveIdentity(this.#config, arrival);
    } catch (error) {
      if (!(error instanceof IdentityMissing)) throw error;
      this.#arrivals.refuse(arrival, 'client_certificate', error.message);
      return;
    }
    this.#next.enter(arrival);
  }
}

/** The stage that finds out who a client is, where the configuration wants one, and then `next`. */
export function identified(arrivals: Arrivals, config: IdentityConfig, next: Stage): Stage {
  const { peer_cert_as_username, peer_cert_as_clientid, psk_identity_as_username } = config;
  return (peer_cert_as_username ?? peer_cert_as_clientid ?? psk_identity_as_username)
    ? new IdentityStage(arrivals, config, next)
    : next;
}
