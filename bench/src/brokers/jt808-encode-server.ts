/** Encodes one and the same location report of JT/T 808, from the JSON of its body to the bytes of its frame. */

import { decodeBody, encodeMessage, Jt808Decoder } from '@portico/codec-jt808';
import { frameOf, LOCATION } from '../load/jt808-frames.js';
import { serveWork } from './codec-work.js';

const REPORT = frameOf('0200', '013912345678', LOCATION);
const decoder = new Jt808Decoder();
decoder.push(REPORT);
const frame = decoder.next();
if (frame?.kind !== 'frame') throw new Error('it was not decoded');
const { header } = frame;
const body: unknown = JSON.parse(JSON.stringify(decodeBody(frame).body));

serveWork(() => {
  const [encoded] = encodeMessage({ header, body });
  if (encoded?.length !== REPORT.length) throw new Error('it was not encoded');
});
