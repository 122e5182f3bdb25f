import type { Jt808Frame } from './frame.js';

export interface ReassemblerOptions {
  /** Bytes of all parts that are held, {@link PART_COST} more for each; 1,048,576 unless given. */
  readonly maxBytes?: number;
  /** Messages whose parts are awaited at once; 8 unless given. */
  readonly maxMessages?: number;
  /** Milliseconds without a part after which the missing ones are asked for, 5,000 unless given. */
  readonly patience?: number;
  /** How often they are asked for before the message is given up; 3 unless given. */
  readonly maxRequests?: number;
  /** Is told of messages that will not be whole. */
  readonly onDropped?: (dropped: DroppedMessage) => void;
}

/** Why a message will not be whole. */
export type DropReason =
  /** A part has no number, or one above how many there are. */
  | 'bad_part'
  /** More bytes than may be held. */
  | 'too_large'
  /** Its parts did not come, however often they were asked for. */
  | 'missing_parts'
  /** A part of another message has its place, or too many other messages are awaited. */
  | 'replaced';

/** A message that will not be whole. */
export interface DroppedMessage {
  readonly reason: DropReason;
  readonly msg_id: number;
  /** Parts that had come. */
  readonly received: number;
  /** Parts that it has. */
  readonly total: number;
}

/** Parts that did not come, to be asked for with 0x8003 or 0x0005. */
export interface MissingParts {
  readonly msg_id: number;
  /** Serial number of the first part. */
  readonly seq: number;
  /** Numbers of the parts, at most {@link MAX_ASKED}. */
  readonly ids: readonly number[];
}

/** As many parts as one request can ask for in all editions: their number is a byte before 2019. */
const MAX_ASKED = 255;

/** Bytes that a part takes besides its body. */
const PART_COST = 256;

/** A message of which some parts have come. */
interface Pending {
  /** The part that came last, without its body. */
  last: Jt808Frame;
  readonly total: number;
  readonly parts: Map<number, Jt808Frame>;
  /** Whether all serial numbers follow their parts' numbers, as they should. */
  isConsecutive: boolean;
  bytes: number;
  /** Milliseconds at which a part came, or was asked for. */
  quietSince: number;
  requests: number;
}

/**
 * Puts messages that come in parts together (JT/T 808-2019 §4.4.3), those of one terminal. Parts may come in any order,
 * and those of several messages mixed. They should have serial numbers one after the other; where they do not, parts
 * belong together by id and how many there are.
 */
export class Reassembler {
  readonly #options: Required<Omit<ReassemblerOptions, 'onDropped'>> & ReassemblerOptions;
  readonly #pending = new Set<Pending>();
  #bytes = 0;

  constructor(options: ReassemblerOptions = {}) {
    this.#options = { maxBytes: 1_048_576, maxMessages: 8, patience: 5_000, maxRequests: 3, ...options };
  }

  /** Messages whose parts are awaited. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Bytes that are held, see {@link ReassemblerOptions.maxBytes}. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds a frame; its body is copied when it is kept.
   * @param now milliseconds of any clock
   * @returns the whole message, with the serial number of its first part: at once for one without parts. Undefined while
   *   parts are missing.
   */
  add(frame: Jt808Frame, now: number): Jt808Frame | undefined {
    const { frag_total: total, frag_sn: number } = frame.header;
    if (total === undefined || number === undefined || total === 1) return frame;
    if (number === 0 || number > total) {
      this.#tell('bad_part', frame, total, 0);
      return undefined;
    }
    const message = this.#messageOf(frame, total, number) ?? this.#begin(frame, total);
    if (message.parts.has(number)) return undefined;
    if (this.#bytes + PART_COST + frame.body.length > this.#options.maxBytes) {
      this.#drop(message, 'too_large');
      return undefined;
    }
    this.#keep(message, frame, number, now);
    if (message.parts.size < total) return undefined;
    this.#forget(message);
    return whole(message);
  }

  /**
   * What to ask for now; gives up messages that were asked for often enough.
   * @param now milliseconds of the same clock
   */
  check(now: number): MissingParts[] {
    const { patience, maxRequests } = this.#options;
    const due: MissingParts[] = [];
    for (const message of this.#pending) {
      if (now - message.quietSince < patience) continue;
      if (message.requests >= maxRequests) {
        this.#drop(message, 'missing_parts');
        continue;
      }
      message.requests++;
      message.quietSince = now;
      due.push(missingOf(message));
    }
    return due;
  }

  /** The message that a part belongs to: by serial numbers, else one that it may well belong to. */
  #messageOf(frame: Jt808Frame, total: number, number: number): Pending | undefined {
    let found: Pending | undefined;
    for (const message of this.#pending) {
      if (message.total !== total || message.last.header.msg_id !== frame.header.msg_id) continue;
      if (message.isConsecutive && firstSerial(message.last) === firstSerial(frame)) return message;
      if (message.parts.get(number)?.header.msg_sn === frame.header.msg_sn) return message;
      if (!message.parts.has(number) && mayFollow(message, frame)) found = message;
    }
    return found;
  }

  #begin(frame: Jt808Frame, total: number): Pending {
    if (this.#pending.size >= this.#options.maxMessages) {
      const [oldest] = this.#pending;
      if (oldest !== undefined) this.#drop(oldest, 'replaced');
    }
    const message: Pending = {
      last: { ...frame, body: NOTHING },
      total,
      parts: new Map(),
      isConsecutive: true,
      bytes: 0,
      quietSince: 0,
      requests: 0,
    };
    this.#pending.add(message);
    return message;
  }

  #keep(message: Pending, frame: Jt808Frame, number: number, now: number): void {
    const size = frame.body.length + PART_COST;
    message.parts.set(number, { ...frame, body: Buffer.from(frame.body) });
    message.isConsecutive &&= firstSerial(frame) === firstSerial(message.last);
    message.last = { ...frame, body: NOTHING };
    message.bytes += size;
    message.quietSince = now;
    this.#bytes += size;
  }

  #forget(message: Pending): void {
    this.#pending.delete(message);
    this.#bytes -= message.bytes;
  }

  #drop(message: Pending, reason: DropReason): void {
    this.#forget(message);
    this.#tell(reason, message.last, message.total, message.parts.size);
  }

  #tell(reason: DropReason, { header: { msg_id } }: Jt808Frame, total: number, received: number): void {
    this.#options.onDropped?.({ reason, msg_id, received, total });
  }
}

/** The serial number that the first part has, if they are one after the other. */
function firstSerial({ header: { msg_sn, frag_sn = 1 } }: Jt808Frame): number {
  return (msg_sn - frag_sn + 1) & 0xffff;
}

/**
 * Whether a part whose serial number does not fit may yet belong to a message: one whose other parts do not fit either,
 * or of which there is one, and which has been sent before it or asked for.
 */
function mayFollow({ isConsecutive, parts, last, requests }: Pending, { header }: Jt808Frame): boolean {
  if (requests > 0) return true;
  if (isConsecutive && parts.size > 1) return false;
  const ahead = (header.msg_sn - last.header.msg_sn) & 0xffff;
  return ahead < 0x8000 && (header.frag_sn ?? 0) > (last.header.frag_sn ?? 0);
}

function missingOf({ last, total, parts }: Pending): MissingParts {
  const ids: number[] = [];
  for (let number = 1; number <= total && ids.length < MAX_ASKED; number++) {
    if (!parts.has(number)) ids.push(number);
  }
  return { msg_id: last.header.msg_id, seq: parts.get(1)?.header.msg_sn ?? firstSerial(last), ids };
}

function whole({ last, parts }: Pending): Jt808Frame {
  const inOrder = [...parts].sort(([a], [b]) => a - b).map(([, part]) => part);
  const { frag_total, frag_sn, ...header } = (inOrder[0] ?? last).header;
  const body = Buffer.concat(inOrder.map((part) => part.body));
  return { ...last, header: { ...header, len: body.length }, body };
}

const NOTHING = Buffer.alloc(0);
