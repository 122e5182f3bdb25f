import { once } from 'node:events';
import { connect } from 'node:net';
import type { RunningLoad } from './window.js';

/** Frames that a peer has decoded, or encoded, for each byte that it sends. */
export const FRAMES_PER_BYTE = 200;

/** Lets a peer work, and counts what it tells of. */
export async function startCodecLoad(port: number): Promise<RunningLoad> {
  const tally = { expected: 0, received: 0, latencies: undefined, stop: () => {} };
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('data', (bytes) => {
    tally.received += bytes.length * FRAMES_PER_BYTE;
    tally.expected = tally.received;
  });
  tally.stop = () => socket.destroy();
  return tally;
}
