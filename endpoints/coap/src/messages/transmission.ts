import type { CoapEndpointConfig } from '../config.js';

/** Longest time that a datagram takes to its destination, RFC 7252 §4.8.2. */
const MAX_LATENCY = 100_000;

/** The times of RFC 7252 §4.8, in milliseconds. */
export interface TransmissionParameters {
  /** ACK_TIMEOUT. */
  readonly ackTimeout: number;
  /** ACK_RANDOM_FACTOR. */
  readonly ackRandomFactor: number;
  /** How long an answer may take to go with the acknowledgement: half of what the client waits, RFC 7252 §5.2.2. */
  readonly piggybackTime: number;
  /** How long a client may take to ask for the next block of a notification: it may have to ask twice more. */
  readonly fetchPatience: number;
  /** MAX_RETRANSMIT. */
  readonly maxRetransmit: number;
  /** MAX_TRANSMIT_WAIT: how long a confirmable message is at most waited for to be acknowledged. */
  readonly maxTransmitWait: number;
  /** EXCHANGE_LIFETIME: how long the message id of a confirmable message stands for that message. */
  readonly exchangeLifetime: number;
  /** NON_LIFETIME: the same for a non-confirmable message. */
  readonly nonLifetime: number;
}

/** The configured parameters and those that follow from them, RFC 7252 §4.8.2. */
export function transmissionParameters(
  config: Pick<CoapEndpointConfig, 'ack_timeout' | 'ack_random_factor' | 'max_retransmit'>,
): TransmissionParameters {
  const { ack_timeout, ack_random_factor, max_retransmit } = config;
  const maxTransmitSpan = ack_timeout * (2 ** max_retransmit - 1) * ack_random_factor;
  return {
    ackTimeout: ack_timeout,
    ackRandomFactor: ack_random_factor,
    piggybackTime: ack_timeout / 2,
    fetchPatience: 3 * ack_timeout * ack_random_factor,
    maxRetransmit: max_retransmit,
    maxTransmitWait: ack_timeout * (2 ** (max_retransmit + 1) - 1) * ack_random_factor,
    exchangeLifetime: maxTransmitSpan + 2 * MAX_LATENCY + ack_timeout,
    nonLifetime: maxTransmitSpan + MAX_LATENCY,
  };
}
