/**
 * Alert descriptions by name: RFC 5246 §7.2, `unsupported_extension` RFC 6066 §4, `unknown_psk_identity`
 * RFC 4279 §6.
 */
export const ALERTS = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  handshake_failure: 40,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  user_canceled: 90,
  no_renegotiation: 100,
  unsupported_extension: 110,
  unknown_psk_identity: 115,
} as const;

export type AlertName = keyof typeof ALERTS;

/** Severity of an alert (RFC 5246 §7.2). */
export const ALERT_LEVELS = { warning: 1, fatal: 2 } as const;

/** An alert as it is sent. */
export function encodeAlert(level: keyof typeof ALERT_LEVELS, alert: AlertName): Buffer {
  return Buffer.from([ALERT_LEVELS[level], ALERTS[alert]]);
}

const NAMES = new Map(Object.entries(ALERTS).map(([name, code]) => [code as number, name as AlertName]));

/** An alert that came. */
export interface Alert {
  readonly fatal: boolean;
  /** Undefined for one that the table does not have. */
  readonly name: AlertName | undefined;
}

/** Undefined when the bytes are no alert. */
export function decodeAlert(bytes: Buffer): Alert | undefined {
  if (bytes.length !== 2) return undefined;
  return { fatal: bytes[0] === ALERT_LEVELS.fatal, name: NAMES.get(bytes.readUInt8(1)) };
}
