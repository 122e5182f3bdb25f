import { Lwm2mFormat } from './content-formats.js';
import { fuzzFormat } from './fuzzing.js';

/** One run of a fuzzer on the formats of one value (text, opaque, CBOR), see {@link fuzzFormat}. */
export function fuzz(bytes: Buffer): boolean {
  const text = fuzzFormat(Lwm2mFormat.Text, bytes);
  const opaque = fuzzFormat(Lwm2mFormat.Opaque, bytes);
  return fuzzFormat(Lwm2mFormat.Cbor, bytes) || text || opaque;
}
