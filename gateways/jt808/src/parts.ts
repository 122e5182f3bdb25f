import { idText, type Jt808Frame, Reassembler } from '@portico/codec-jt808';
import type { Timer } from '@portico/core';
import type { Downlink } from './downlink.js';
import { MessageId } from './message-ids.js';
import type { Shared } from './shared.js';

/** Messages of a terminal that come in parts; those that are missing are asked for. */
export class Parts {
  readonly #reassembler: Reassembler;
  readonly #downlink: Downlink;
  readonly #shared: Shared;
  #timer: Timer | undefined;

  constructor(downlink: Downlink, shared: Shared, phone: string) {
    this.#downlink = downlink;
    this.#shared = shared;
    const { config, counters, log } = shared;
    this.#reassembler = new Reassembler({
      maxBytes: config.max_partial_bytes,
      maxMessages: config.max_partial_messages,
      patience: config.parts_timeout,
      onDropped: ({ reason, msg_id, received, total }) => {
        counters['jt808.parts.dropped'].value++;
        const fields = { phone, message: idText(msg_id), reason, received, total };
        log.write('warn', fields, 'a message in parts was given up');
      },
    });
  }

  /** Adds a frame. @returns the whole message, once all of its parts have come */
  add(frame: Jt808Frame): Jt808Frame | undefined {
    const whole = this.#reassembler.add(frame, this.#shared.context.clock.monotonic());
    this.#wait();
    return whole;
  }

  #wait(): void {
    const {
      context: { timers },
      config,
    } = this.#shared;
    if (this.#reassembler.pending === 0) {
      if (this.#timer !== undefined) timers.cancel(this.#timer);
    } else if (this.#timer === undefined) {
      this.#timer = timers.after(config.parts_timeout, () => this.#askForMissing());
    } else if (!this.#timer.armed) timers.arm(this.#timer, config.parts_timeout);
  }

  #askForMissing(): void {
    for (const { seq, ids } of this.#reassembler.check(this.#shared.context.clock.monotonic())) {
      this.#downlink.send(MessageId.partsRequestDown, { seq, length: ids.length, ids });
    }
    this.#wait();
  }

  /** The terminal is gone. */
  stop(): void {
    if (this.#timer !== undefined) this.#shared.context.timers.cancel(this.#timer);
  }
}
