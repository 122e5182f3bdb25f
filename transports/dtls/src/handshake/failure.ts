import type { AlertName } from '../alerts.js';
import type { RefusalReason } from '../contract.js';

/** Thrown within a handshake to end it. Its message goes into the log and holds nothing secret. */
export class HandshakeFailure extends Error {
  readonly reason: RefusalReason;
  /** What the peer is told; undefined for nothing. */
  readonly alert: AlertName | undefined;

  constructor(reason: RefusalReason, alert: AlertName | undefined, detail: string) {
    super(detail);
    this.reason = reason;
    this.alert = alert;
  }
}
