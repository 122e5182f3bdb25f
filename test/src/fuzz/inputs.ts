import type { Random } from '../support/random.js';

/** Longest input in bytes. */
export const MAX_INPUT = 4096;

/** Bytes at which lengths, counts and signs turn over. */
const EDGES = [0x00, 0x01, 0x7e, 0x7f, 0x80, 0x81, 0xfe, 0xff];

/** Changes one thing. `bytes` is the mutation's to change and is not empty. */
type Mutation = (bytes: Buffer, random: Random, corpus: readonly Buffer[]) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  function flipOneBit(bytes, random) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    return bytes;
  },
  function setOneByteToAnEdge(bytes, random) {
    bytes[random.below(bytes.length)] = random.pick(EDGES);
    return bytes;
  },
  function setTwoBytesToALength(bytes, random) {
    if (bytes.length < 2) return bytes;
    const at = random.below(bytes.length - 1);
    bytes.writeUInt16BE(Math.max(0, bytes.length - at - 4 + random.below(5)) & 0xffff, at);
    return bytes;
  },
  function insertRandomBytes(bytes, random) {
    const at = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), random.bytes(1 + random.below(8)), bytes.subarray(at)]);
  },
  function removeSome(bytes, random) {
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8))]);
  },
  function repeatAPart(bytes, random) {
    const at = random.below(bytes.length);
    const part = bytes.subarray(at, at + 1 + random.below(64));
    return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
  },
  function cutTheEnd(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length));
  },
  function goOnWithAnother(bytes, random, corpus) {
    const other = random.pick(corpus);
    return Buffer.concat([bytes.subarray(0, random.below(bytes.length + 1)), other]);
  },
];

/**
 * The next input: random bytes one time in ten, otherwise one of the corpus with one to six mutations.
 * @param corpus sound frames, at least one
 */
export function nextInput(random: Random, corpus: readonly Buffer[]): Buffer {
  if (random.below(10) === 0) return random.bytes(random.below(64));
  let bytes: Buffer = Buffer.from(random.pick(corpus));
  for (let left = 1 + random.below(6); left > 0 && bytes.length > 0; left--) {
    bytes = random.pick(MUTATIONS)(bytes, random, corpus);
  }
  return bytes.subarray(0, MAX_INPUT);
}
