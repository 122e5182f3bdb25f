/** Decodes one and the same location report of JT/T 808, from the bytes of its frame to the JSON of its body. */

import { decodeBody, Jt808Decoder } from '@portico/codec-jt808';
import { frameOf, LOCATION } from '../load/jt808-frames.js';
import { serveWork } from './codec-work.js';

const REPORT = frameOf('0200', '013912345678', LOCATION);
const decoder = new Jt808Decoder();

serveWork(() => {
  decoder.push(REPORT);
  const frame = decoder.next();
  if (frame?.kind !== 'frame' || decodeBody(frame).faults.length > 0) throw new Error('it was not decoded');
  decoder.next();
});
