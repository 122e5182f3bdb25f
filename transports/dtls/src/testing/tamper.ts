import { HANDSHAKE_HEADER } from '../handshake/fragments.js';
import { CONTENT, plainRecord, RecordCursor } from '../record/record.js';
import type { Weather } from './world.js';

/** The bytes of one plain handshake message, whole in one record. */
export type ChangeMessage = (message: Buffer) => Buffer;

/** Bytes of a protected Finished, by which it is told from other protected records. */
const FINISHED_AT_LEAST = 24;

/**
 * A network that changes what one side says: the plain message number `sequence`, or the protected record that comes in
 * its place (Finished), for which `change` gets an empty message with that number.
 */
export function changing(towards: 'client' | 'server', sequence: number, change: ChangeMessage): Weather {
  return {
    tamper: (datagram, to) => (to === towards ? [changeIn(datagram, sequence, change)] : [datagram]),
  };
}

function changeIn(datagram: Buffer, sequence: number, change: ChangeMessage): Buffer {
  const records: Buffer[] = [];
  const record = new RecordCursor(datagram, 0);
  while (record.more && record.next() === undefined) {
    records.push(changeRecord(record, sequence, change));
  }
  return Buffer.concat(records);
}

function changeRecord(record: RecordCursor, sequence: number, change: ChangeMessage): Buffer {
  if (record.type !== CONTENT.handshake) return record.copy();
  if (record.epoch > 0) {
    const stand = Buffer.alloc(HANDSHAKE_HEADER);
    stand.writeUInt16BE(sequence, 4);
    const inPlace = record.body.length > FINISHED_AT_LEAST && finishedSequence(record) === sequence;
    return inPlace ? plainRecord(CONTENT.handshake, 100 + sequence, change(stand)) : record.copy();
  }
  if (record.body.readUInt16BE(4) !== sequence) return record.copy();
  return plainRecord(CONTENT.handshake, record.sequence, change(Buffer.from(record.body)));
}

/** One more than that of the last plain message in the datagram. */
function finishedSequence(record: RecordCursor): number {
  const before = new RecordCursor(record.datagram, 0);
  let last = -1;
  while (before.more && before.next() === undefined) {
    if (before.type === CONTENT.handshake && before.epoch === 0) last = before.body.readUInt16BE(4);
  }
  return last + 1;
}
