import { Lwm2mFormat } from './content-formats.js';
import { fuzzFormat } from './fuzzing.js';

/** One run of a fuzzer on LwM2M JSON, see {@link fuzzFormat}. */
export function fuzz(bytes: Buffer): boolean {
  return fuzzFormat(Lwm2mFormat.Json, bytes);
}
