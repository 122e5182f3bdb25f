import { Lwm2mFormat } from './content-formats.js';
import { fuzzFormat } from './fuzzing.js';

/** One run of a fuzzer on SenML JSON and SenML CBOR, see {@link fuzzFormat}. */
export function fuzz(bytes: Buffer): boolean {
  const json = fuzzFormat(Lwm2mFormat.SenmlJson, bytes);
  return fuzzFormat(Lwm2mFormat.SenmlCbor, bytes) || json;
}
