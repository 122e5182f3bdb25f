/** Decodes one and the same real-time report of GB/T 32960. */

import { decodeData, Gbt32960Decoder } from '@portico/codec-gbt32960';
import { cellReport } from '../load/gbt32960-frames.js';
import { serveWork } from './codec-work.js';

const REPORT = cellReport('BENCH000000000000');
const decoder = new Gbt32960Decoder();

serveWork(() => {
  decoder.push(REPORT);
  const frame = decoder.next();
  if (frame?.kind !== 'frame' || decodeData(frame).faults.length > 0) throw new Error('it was not decoded');
  decoder.next();
});
