import type { Sequence, Step, Table } from '../../sequence.js';
import {
  CLIENT_REASON_CODES,
  REASON_CODES,
  type ReasonCarrier,
  SERVER_DISCONNECT_CODES,
  UNKNOWN_REASON_CODES,
} from '../../spec/reason-codes.js';
import { connects, gets, getsNothing, isClosed, isEnded, sends } from '../../steps.js';
import { ack, disconnect } from '../../wire/write.js';

type Carrier = Exclude<ReasonCarrier, 'auth'>;

const version = 5;

/** What the statement is that binds the sender to the codes of a packet. */
const STATEMENTS: Readonly<Record<Carrier, string>> = {
  puback: 'MQTT-3.4.2-1',
  pubrec: 'MQTT-3.5.2-1',
  pubrel: 'MQTT-3.6.2-1',
  pubcomp: 'MQTT-3.7.2-1',
  disconnect: 'MQTT-3.14.2-1',
};

function bytes(carrier: Carrier, code: number): Buffer {
  if (carrier !== 'disconnect') return ack(carrier, { version, packetId: 9, code });
  return disconnect({ code });
}

/** What comes back for a packet identifier that is not in use. */
function accepted(carrier: Carrier, code: number): Step {
  switch (carrier) {
    case 'pubrec':
      return code < 0x80 ? gets({ type: 'pubrel', packetId: 9, code: 0x92 }) : getsNothing();
    case 'pubrel':
      return gets({ type: 'pubcomp', packetId: 9, code: 0x92 });
    case 'disconnect':
      return isClosed();
    default:
      return getsNothing();
  }
}

const hex = (code: number) => `0x${code.toString(16).padStart(2, '0')}`;

function codesOf(carrier: Carrier): Sequence[] {
  const right = CLIENT_REASON_CODES[carrier];
  const wrong = [...REASON_CODES, ...UNKNOWN_REASON_CODES].filter((code) => {
    const ofServer = carrier === 'disconnect' && SERVER_DISCONNECT_CODES.includes(code);
    return !right.includes(code) && !ofServer;
  });
  const sequence = (code: number, what: string, end: Step): Sequence => ({
    name: `${carrier.toUpperCase()} with reason code ${hex(code)}, ${what}`,
    version,
    shows: [STATEMENTS[carrier]],
    steps: [connects(), sends(bytes(carrier, code)), end],
  });
  return [
    ...right.map((code) => sequence(code, 'which it may have', accepted(carrier, code))),
    ...wrong.map((code) => sequence(code, 'which it may not have', isEnded(0x82))),
  ];
}

const CARRIERS = Object.keys(STATEMENTS) as Carrier[];

/** Reason codes of a client, those of its packet and all others. */
export const reasonCodesTable: Table = {
  title: 'malformed: reason codes',
  sequences: CARRIERS.flatMap(codesOf),
};
