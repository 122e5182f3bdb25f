import { classOf } from '@portico/codec-coap';
import type { Response, Silence } from './response.js';

const SILENCE: Silence = { kind: 'silence', durable: false };
const DURABLE_SILENCE: Silence = { kind: 'silence', durable: true };

/**
 * Leaves out a response of a class that the client does not want, RFC 7967 §2.
 * @param noResponse the option's value: a bit for each class; 0 when all are wanted
 */
export function unlessUnwanted(response: Response, noResponse: number): Response | Silence {
  if ((noResponse & (1 << (classOf(response.code) - 1))) === 0) return response;
  return response.durable ? DURABLE_SILENCE : SILENCE;
}
