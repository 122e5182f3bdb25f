import { BLOCK_SIZES } from '@portico/codec-coap';
import { byteSize, duration } from '@portico/core';
import { z } from 'zod';

/** The keys that gateways over CoAP have in common: payloads in blocks, requests remembered, and times. */
export const coapEndpointConfigShape = {
  max_payload_size: byteSize({ from: '1', to: '16MB' })
    .prefault('1MB')
    .describe('longest payload taken or sent, in one message or in blocks'),
  max_block_size: z
    .literal(BLOCK_SIZES)
    .default(1024)
    .describe(
      'bytes of a block (RFC 7959) that is sent, or that a peer is asked to send, unless it wants less',
    ),
  max_transfers: z
    .int()
    .min(1)
    .max(1024)
    .default(8)
    .describe('payloads of one peer on their way in blocks at a time, each way; then the oldest is dropped'),
  max_transfers_size: byteSize({ from: '4KB', to: '64GB' })
    .prefault('64MB')
    .describe(
      'bytes held of payloads of all peers on their way in blocks, each way, at least one; then the oldest is dropped',
    ),
  transfer_timeout: duration({ from: '1s', to: '1d' })
    .prefault('247s')
    .describe('a payload in blocks is dropped when so long no block of it has come or been asked for'),
  max_exchanges: z
    .int()
    .min(1)
    .max(1024)
    .default(64)
    .describe('requests of one peer remembered, to answer each once however often it arrives'),
  max_exchanges_total: z
    .int()
    .min(0)
    .max(100_000_000)
    .default(200_000)
    .describe(
      'the same for all peers together, beside the last four requests of each; about 500 bytes each, and the answer',
    ),
  ack_timeout: duration({ from: '10ms', to: '1m' })
    .prefault('2s')
    .describe('time until a confirmable message is first sent again (ACK_TIMEOUT)'),
  ack_random_factor: z
    .number()
    .min(1)
    .max(10)
    .default(1.5)
    .describe('the first time-out is random between ack_timeout and so many times that'),
  max_retransmit: z
    .int()
    .min(0)
    .max(10)
    .default(4)
    .describe('how often a confirmable message is sent again, the time-out doubling each time'),
  echo: z
    .boolean()
    .default(false)
    .describe(
      'whether an address has to echo a value (RFC 9175) before anything is sent there unasked, or a response more than three times as long as its request',
    ),
} as const;

/** What {@link coapEndpointConfigShape} gives. */
export type CoapEndpointConfig = z.output<z.ZodObject<typeof coapEndpointConfigShape>>;

/** The keys of gateways that send requests to their peers, beside {@link coapEndpointConfigShape}. */
export const coapRequestConfigShape = {
  response_timeout: duration({ from: '1s', to: '1h' })
    .prefault('2m')
    .describe('how long a device may take to respond after it has acknowledged a request'),
  max_requests: z
    .int()
    .min(1)
    .max(1024)
    .default(32)
    .describe('requests to one device that have no response yet; one more is refused'),
} as const;

/** What {@link coapRequestConfigShape} gives. */
export type CoapRequestConfig = z.output<z.ZodObject<typeof coapRequestConfigShape>>;
