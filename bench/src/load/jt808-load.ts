import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Jt808Load } from './job.js';
import { DELIMITER, frameOf, LOCATION } from './jt808-frames.js';
import { openAll } from './open-all.js';
import type { RunningLoad } from './window.js';

/** Code "abc". */
const LOGIN = '616263';
/** Terminals that are logged in send locations, as many as may be unanswered, and another one for each answer. */
export async function startJt808Load({ terminals, inFlight }: Jt808Load, port: number): Promise<RunningLoad> {
  const tally = { expected: 0, received: 0, latencies: undefined, stop: () => {} };
  let stopped = false;
  const opened = await openAll(Array.from({ length: terminals }), async (_, index) => {
    const phone = String(index).padStart(12, '0');
    const socket = connect(port, '127.0.0.1').setNoDelay();
    await once(socket, 'connect');
    socket.write(frameOf('0102', phone, LOGIN));
    await once(socket, 'data');
    return { socket, location: frameOf('0200', phone, LOCATION) };
  });
  const send = (socket: Socket, location: Buffer, count: number) => {
    tally.expected += count;
    socket.write(count === 1 ? location : Buffer.concat(Array.from({ length: count }, () => location)));
  };
  for (const { socket, location } of opened) {
    const count = answerCounter();
    socket.on('data', (bytes) => {
      const answers = count(bytes);
      tally.received += answers;
      if (answers > 0 && !stopped) send(socket, location, answers);
    });
    send(socket, location, inFlight);
  }
  tally.stop = () => {
    stopped = true;
  };
  return tally;
}

/** Counts the frames in chunks: each has a delimiter at its begin and one at its end. */
function answerCounter(): (bytes: Buffer) => number {
  let isOpen = false;
  return (bytes) => {
    let ended = 0;
    for (let at = bytes.indexOf(DELIMITER); at >= 0; at = bytes.indexOf(DELIMITER, at + 1)) {
      if (isOpen) ended++;
      isOpen = !isOpen;
    }
    return ended;
  };
}
