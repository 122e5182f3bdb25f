import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Jt808Load } from './job.js';
import { openAll } from './open-all.js';
import type { RunningLoad } from './window.js';

const DELIMITER = 0x7e;
const ESCAPE = 0x7d;

/** Code "abc". */
const LOGIN = '616263';
/** Where a vehicle is and how, with ten additional items (JT/T 808-2019 table 27). */
const LOCATION = [
  '000000000000000301dc8950073d8aa5000f025d005a261121163000',
  '0104000004d2020202010302025804020005060200192504000000012a0200012b0400010002300117310109',
].join('');

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

/** A frame of 2013 with the serial number 0. @param id, phone, body hexadecimal */
function frameOf(id: string, phone: string, body: string): Buffer {
  const length = (body.length / 2).toString(16).padStart(4, '0');
  const content = Buffer.from(`${id}${length}${phone}0000${body}`, 'hex');
  const check = content.reduce((sum, byte) => sum ^ byte, 0);
  const escaped = [...content, check].flatMap((byte) =>
    byte === DELIMITER || byte === ESCAPE ? [ESCAPE, byte === ESCAPE ? 1 : 2] : [byte],
  );
  return Buffer.from([DELIMITER, ...escaped, DELIMITER]);
}
