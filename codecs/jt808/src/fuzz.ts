import { isDeepStrictEqual } from 'node:util';
import { checkExplained, isFrameError } from '@portico/frame';
import { type FieldSpan, RecordError } from '@portico/record';
import { decodeBody } from './body.js';
import { Jt808Decoder } from './decoder.js';
import { describe } from './describe.js';
import type { Edition } from './editions.js';
import { encodeMessage } from './encoder.js';
import { explain } from './explain.js';
import type { Jt808Frame, MalformedFrame } from './frame.js';
import { MESSAGES } from './message-table.js';

const EDITIONS: readonly Edition[] = [2011, 2013, 2019];
const IDS = [...MESSAGES.keys()];

/**
 * Feeds any bytes to the codec: as a stream, once whole and once byte by byte, and as the body of a message whose id the
 * first byte chooses. Every message without a fault must survive being written and read again.
 * @throws Error when the codec has a bug; the input cannot be to blame
 */
export function fuzz(bytes: Buffer): void {
  checkExplained(explain(bytes));
  const whole = decodeAll([bytes]);
  const trickled = decodeAll(Array.from(bytes, (byte) => Buffer.of(byte)));
  if (!isDeepStrictEqual(whole, trickled)) throw new Error('the result depends on how the bytes are cut');
  for (const frame of whole.found) {
    if (frame.kind === 'frame') checkBody(frame, frame.edition);
  }
  if (bytes.length > 0) for (const edition of EDITIONS) checkBody(messageOf(bytes, edition), edition);
}

const NOT_GBK = /^text that|^\d+ bytes, but/;

interface Decoded {
  readonly found: readonly (Jt808Frame | MalformedFrame)[];
  readonly skipped: number;
  /** The code of the error that ended it. */
  readonly error: string | undefined;
}

function decodeAll(chunks: readonly Buffer[]): Decoded {
  const decoder = new Jt808Decoder();
  const found: (Jt808Frame | MalformedFrame)[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
        found.push(frame);
        describe(frame);
      }
    }
  } catch (error) {
    if (!isFrameError(error)) throw error;
    return { found, skipped: decoder.skipped, error: error.code };
  }
  return { found, skipped: decoder.skipped, error: undefined };
}

function messageOf(bytes: Buffer, edition: Edition): Jt808Frame {
  const body = bytes.subarray(1);
  const msg_id = IDS[(bytes[0] as number) % IDS.length] as number;
  return {
    kind: 'frame',
    header: { msg_id, encrypt: 0, len: body.length, phone: '013800138000', msg_sn: 0 },
    edition,
    body,
  };
}

function checkBody(frame: Jt808Frame, edition: Edition): void {
  const spans: FieldSpan[] = [];
  const { body, faults } = decodeBody(frame, { edition, spans });
  for (const { path, start, end } of spans) {
    if (start > end || end > frame.body.length) throw new Error(`${path} stands beyond the body`);
  }
  if (faults.length > 0 || frame.header.frag_total !== undefined) return;
  const { frag_total, frag_sn, ...header } = frame.header;
  const again = rewritten({ ...frame, header }, body, edition);
  if (again !== undefined && !isDeepStrictEqual(again, body)) {
    throw new Error(`read again, it is another message: ${describe(frame)}`);
  }
}

/**
 * A body after it was written and read again; undefined when it has text that GBK cannot write, or not with as many bytes:
 * some characters have two spellings.
 */
function rewritten(frame: Jt808Frame, body: unknown, edition: Edition): unknown {
  try {
    const frames = encodeMessage({ header: frame.header, body }, { edition });
    if (frames.length > 1) return undefined;
    const [found] = decodeAll(frames).found;
    return found?.kind === 'frame' ? decodeBody(found, { edition }).body : found;
  } catch (error) {
    if (error instanceof RecordError && NOT_GBK.test(error.reason)) return undefined;
    throw error;
  }
}
