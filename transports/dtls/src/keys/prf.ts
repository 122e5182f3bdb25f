import { createHmac } from 'node:crypto';

const HASH_LENGTH = 32;

/** The pseudorandom function of TLS 1.2 with SHA-256 (RFC 5246 §5). */
export function prf(secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const labelled = Buffer.concat([Buffer.from(label, 'latin1'), seed]);
  const output = Buffer.alloc(Math.ceil(length / HASH_LENGTH) * HASH_LENGTH);
  let chained = labelled;
  for (let at = 0; at < length; at += HASH_LENGTH) {
    chained = createHmac('sha256', secret).update(chained).digest();
    createHmac('sha256', secret).update(chained).update(labelled).digest().copy(output, at);
  }
  output.fill(0, length);
  return output.subarray(0, length);
}
