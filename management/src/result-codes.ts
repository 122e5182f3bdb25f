/**
 * What can become of a request that fails, by our name: the result code of the reference in the body, and the status
 * of HTTP that goes with it. Success is code 0 and status 200.
 */
export const RESULTS = {
  unknown: { code: 102, status: 500 },
  wrong_credentials: { code: 103, status: 401 },
  no_credentials: { code: 104, status: 401 },
  parameter_missing: { code: 107, status: 400 },
  parameter_invalid: { code: 108, status: 400 },
  not_json: { code: 109, status: 400 },
  already_started: { code: 110, status: 400 },
  already_stopped: { code: 111, status: 400 },
  client_not_online: { code: 112, status: 404 },
  already_exists: { code: 113, status: 400 },
  topic_invalid: { code: 115, status: 400 },
  // The reference has no code of its own for these.
  not_found: { code: 108, status: 404 },
  method_not_allowed: { code: 108, status: 405 },
  body_too_large: { code: 108, status: 413 },
  too_many_requests: { code: 102, status: 429 },
  unavailable: { code: 102, status: 503 },
} as const;

export type FailureName = keyof typeof RESULTS;

/** A request that cannot be answered as asked; the message is for whoever asked. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Result code in the body. */
  readonly code: number;
  /** HTTP status. */
  readonly status: number;

  constructor(failure: FailureName, message: string) {
    super(message);
    this.code = RESULTS[failure].code;
    this.status = RESULTS[failure].status;
  }
}
