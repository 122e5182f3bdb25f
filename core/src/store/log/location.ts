import type { Batch } from './batch.js';
import type { Segment } from './segment.js';

/** Where the record with the present value of a key lies. */
export class Location {
  /** A batch, until it has been written. */
  holder: Segment | Batch;
  offset: number;
  /** Of the whole record. */
  readonly length: number;

  constructor(holder: Segment | Batch, offset: number, length: number) {
    this.holder = holder;
    this.offset = offset;
    this.length = length;
  }
}
