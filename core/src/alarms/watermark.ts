import type { z } from 'zod';
import type { AlarmDetails } from './alarm.js';
import type { Alarms } from './alarms.js';
import type { Usage } from './machine.js';

/** Between which percentages an alarm goes on and off. */
export interface WatermarkOptions {
  /** Of the alarm. */
  readonly name: string;
  /** What is measured: `CPU usage`. */
  readonly what: string;
  /** Percentage above which it is active. */
  readonly high: number;
  /** Percentage down to which it stays so; not given: as `high`. */
  readonly low?: number;
}

/**
 * An alarm about a percentage. It changes only when a watermark is crossed, so that one which an operator has ended
 * stays away until its cause has been away too.
 */
export class Watermark {
  readonly #alarms: Alarms;
  #options: WatermarkOptions;
  #above = false;

  constructor(alarms: Alarms, options: WatermarkOptions) {
    this.#alarms = alarms;
    this.#options = options;
  }

  /** Takes other percentages; what is measured next meets them. */
  adjust(marks: Pick<WatermarkOptions, 'high' | 'low'>): void {
    this.#options = { ...this.#options, ...marks };
  }

  /** @param percent what has just been measured */
  measured(percent: number): void {
    const { name, what, high, low } = this.#options;
    if (!this.#above && percent > high) {
      this.#above = true;
      const details: AlarmDetails =
        low === undefined ? { high_watermark: high } : { high_watermark: high, low_watermark: low };
      this.#alarms.activate(name, `${what} is higher than ${high}%`, details);
    } else if (this.#above && percent <= (low ?? high)) {
      this.#above = false;
      this.#alarms.deactivate(name);
    }
  }
}

/** 0 to 100; 0 where there is nothing. */
export function percentOf({ used, total }: Usage): number {
  return total > 0 ? (used / total) * 100 : 0;
}

/** A check that one percentage of a section is not above another one. */
export function demandOrder<Low extends string, High extends string>(low: Low, high: High) {
  return (section: Readonly<Record<Low | High, number>>, context: z.RefinementCtx): void => {
    // What is no percentage is still a text here, and has been told.
    const areNumbers = typeof section[low] === 'number' && typeof section[high] === 'number';
    if (!areNumbers || section[low] <= section[high]) return;
    const message = `must not be above ${high}`;
    context.addIssue({ code: 'custom', path: [low], message, input: section[low] });
  };
}
