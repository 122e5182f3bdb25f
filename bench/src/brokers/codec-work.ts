import { createServer, type Socket } from 'node:net';
import { FRAMES_PER_BYTE } from '../load/codec-load.js';

const DONE = Buffer.alloc(1);

/**
 * Does the same work over and over, on behalf of who connects to the port that is the program's argument: a byte is sent
 * for every {@link FRAMES_PER_BYTE} times, as long as they are read.
 */
export function serveWork(work: () => void): void {
  const serve = (socket: Socket) => {
    const turn = () => {
      if (socket.destroyed) return;
      for (let count = 0; count < FRAMES_PER_BYTE; count++) work();
      if (socket.write(DONE)) setImmediate(turn);
      else socket.once('drain', turn);
    };
    socket.on('error', () => socket.destroy());
    turn();
  };
  createServer(serve).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
}
