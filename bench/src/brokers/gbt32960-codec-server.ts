/**
 * Decodes one and the same real-time report of GB/T 32960 over and over, on behalf of who connects to the port given as
 * the argument: a byte is sent for every {@link FRAMES_PER_BYTE} frames, as long as they are read.
 */

import { createServer, type Socket } from 'node:net';
import { decodeData, Gbt32960Decoder } from '@portico/codec-gbt32960';
import { FRAMES_PER_BYTE } from '../load/codec-load.js';
import { cellReport } from '../load/gbt32960-frames.js';

const REPORT = cellReport('BENCH000000000000');
const DONE = Buffer.alloc(1);

function decodeSome(decoder: Gbt32960Decoder): void {
  for (let count = 0; count < FRAMES_PER_BYTE; count++) {
    decoder.push(REPORT);
    const frame = decoder.next();
    if (frame?.kind !== 'frame' || decodeData(frame).faults.length > 0) throw new Error('it was not decoded');
    decoder.next();
  }
}

function serve(socket: Socket): void {
  const decoder = new Gbt32960Decoder();
  const turn = () => {
    if (socket.destroyed) return;
    decodeSome(decoder);
    if (socket.write(DONE)) setImmediate(turn);
    else socket.once('drain', turn);
  };
  socket.on('error', () => socket.destroy());
  turn();
}

createServer(serve).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
