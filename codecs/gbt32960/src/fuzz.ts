import { isDeepStrictEqual } from 'node:util';
import { checkExplained } from '@portico/frame';
import { decodeData, encodeMessage } from './data.js';
import { Gbt32960Decoder } from './decoder.js';
import { describe } from './describe.js';
import { explain } from './explain.js';
import type { Gbt32960Frame, MalformedFrame } from './frame.js';
import { type Info, infoRow } from './infos.js';
import { scaledInfos } from './scaled.js';

const MAX_FRAME_SIZE = 1024;

/**
 * Feeds any bytes to the codec, once whole and once byte by byte. What is sound in every frame must survive being written
 * and read again.
 * @throws Error when the codec has a bug; the input cannot be to blame
 */
export function fuzz(bytes: Buffer): void {
  checkExplained(explain(bytes));
  const whole = decodeAll([bytes]);
  const trickled = decodeAll(Array.from(bytes, (byte) => Buffer.of(byte)));
  if (!isDeepStrictEqual(whole, trickled)) throw new Error('the result depends on how the bytes are cut');
  for (const frame of whole.frames) {
    describe(frame);
    if (frame.kind === 'frame') checkRoundTrip(frame);
  }
}

interface Decoded {
  readonly frames: (Gbt32960Frame | MalformedFrame)[];
  readonly skipped: number;
}

function decodeAll(chunks: readonly Buffer[]): Decoded {
  const decoder = new Gbt32960Decoder({ maxFrameSize: MAX_FRAME_SIZE });
  const frames: (Gbt32960Frame | MalformedFrame)[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) frames.push(frame);
  }
  return { frames, skipped: decoder.skipped };
}

function checkRoundTrip(frame: Gbt32960Frame): void {
  const { data, faults } = decodeData(frame);
  scaleAll(data.Infos, frame);
  if (faults.length > 0 || !isAscii(frame)) return;
  const { edition, command, response, vin, encryption } = frame;
  const written = encodeMessage({ edition, command, response, vin, encryption, data });
  const [again] = decodeAll([written]).frames;
  if (again?.kind !== 'frame' || !isDeepStrictEqual(decodeData(again).data, data)) {
    throw new Error(`read again, it is another message: ${describe(frame)}`);
  }
}

function scaleAll(infos: unknown, { edition }: Gbt32960Frame): void {
  if (!Array.isArray(infos)) return;
  for (const item of scaledInfos(infos as Info[], edition)) {
    if (infoRow(edition, item.Type) !== undefined && JSON.stringify(item).includes('undefined')) {
      throw new Error(`it has no scale: ${item.Type}`);
    }
  }
}

/** Whether nothing is above ASCII, which is shown, but not written. */
function isAscii({ vin, data }: Gbt32960Frame): boolean {
  return /^[\x20-\x7e\0]*$/.test(vin) && data.every((byte) => byte < 0x80);
}
