import { encodeAlert } from '../alerts.js';
import { CONTENT, plainRecord, type RecordCursor } from '../record/record.js';

/** Alerts in a second, whoever they go to. */
const MAX_PER_SECOND = 1000;

/** Content types of a session's data, without and with a connection id. */
const DATA: readonly number[] = [CONTENT.application_data, CONTENT.tls12_cid];

/**
 * Tells peers that the session which they go on with is not here any more: after a restart, or where an address has
 * changed and there is no connection id. The alert cannot be protected, and whoever heeds it makes a new session. It is
 * shorter than what it answers, nothing is kept for it, and alerts are never answered.
 */
export class StrangerAlerts {
  readonly #now: () => number;
  #second = 0;
  #count = 0;

  /** @param now milliseconds, never going back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * @param record of no session
   * @returns what its sender is told; undefined for nothing: it is not the last one of its datagram, has no data of a
   * session, is not longer than the alert, or there were too many alerts in this second
   */
  answer(record: RecordCursor): Buffer | undefined {
    if (record.more || record.epoch === 0 || !DATA.includes(record.type)) return undefined;
    const alert = plainRecord(CONTENT.alert, record.sequence, encodeAlert('fatal', 'unexpected_message'));
    return record.end - record.start > alert.length && this.#mayTell() ? alert : undefined;
  }

  #mayTell(): boolean {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#count = 0;
    }
    return this.#count++ < MAX_PER_SECOND;
  }
}
