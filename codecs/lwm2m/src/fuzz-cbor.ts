import { Lwm2mFormat } from './content-formats.js';
import { fuzzFormat } from './fuzzing.js';

/** One run of a fuzzer on LwM2M CBOR, see {@link fuzzFormat}. */
export function fuzz(bytes: Buffer): boolean {
  return fuzzFormat(Lwm2mFormat.Lwm2mCbor, bytes);
}
