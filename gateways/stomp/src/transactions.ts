import type { StompFrame } from '@portico/codec-stomp';

/** What bounds the transactions of a connection. */
export interface TransactionLimits {
  /** Open at a time. */
  readonly maxTransactions: number;
  /** Frames of one. */
  readonly maxFrames: number;
  /** Bytes of the headers and bodies of one. */
  readonly maxBytes: number;
}

interface Transaction {
  readonly frames: StompFrame[];
  bytes: number;
}

/** Why something cannot be done with a transaction, in words for the client. */
export interface TransactionProblem {
  readonly problem: string;
}

/** The transactions of a connection that are open: frames that are carried out when they are committed. */
export class Transactions {
  readonly #limits: TransactionLimits;
  readonly #open = new Map<string, Transaction>();

  constructor(limits: TransactionLimits) {
    this.#limits = limits;
  }

  begin(id: string): TransactionProblem | undefined {
    if (this.#open.has(id)) return { problem: `Transaction ${id} already started` };
    const { maxTransactions } = this.#limits;
    if (this.#open.size >= maxTransactions) return { problem: `More than ${maxTransactions} transactions` };
    this.#open.set(id, { frames: [], bytes: 0 });
    return undefined;
  }

  /** Keeps a frame for the commit; its body is copied. */
  add(id: string, { command, headers, body }: StompFrame): TransactionProblem | undefined {
    const transaction = this.#open.get(id);
    if (transaction === undefined) return notFound(id);
    const { maxFrames, maxBytes } = this.#limits;
    if (transaction.frames.length >= maxFrames) return { problem: `More than ${maxFrames} frames in ${id}` };
    transaction.bytes += lengthOf(headers) + body.length;
    if (transaction.bytes > maxBytes) return { problem: `More than ${maxBytes} bytes in ${id}` };
    transaction.frames.push({ command, headers, body: Buffer.from(body) });
    return undefined;
  }

  /** Ends a transaction. @returns its frames, in the order in which they came */
  end(id: string): readonly StompFrame[] | TransactionProblem {
    const transaction = this.#open.get(id);
    if (transaction === undefined) return notFound(id);
    this.#open.delete(id);
    return transaction.frames;
  }
}

/** Characters of all headers, which are no more bytes than they came in. */
function lengthOf({ flat }: StompFrame['headers']): number {
  let length = 0;
  for (const text of flat) length += text.length;
  return length;
}

function notFound(id: string): TransactionProblem {
  return { problem: `Transaction ${id} not found` };
}
