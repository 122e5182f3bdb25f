import type { DropReason, DtlsCounters } from './contract.js';

/** {@link DtlsCounters} that count. */
export class Counters implements DtlsCounters {
  cookiesSent = 0;
  handshakesStarted = 0;
  handshakesCompleted = 0;
  sessionsResumed = 0;
  retransmissions = 0;
  moves = 0;
  readonly dropped: Record<DropReason, number> = {
    truncated: 0,
    not_dtls: 0,
    wrong_epoch: 0,
    replayed: 0,
    bad_record_mac: 0,
    unknown_peer: 0,
    denied_address: 0,
    unproven_address: 0,
    bad_client_hello: 0,
    handshake_message: 0,
    early_data: 0,
    oversize: 0,
  };
}
