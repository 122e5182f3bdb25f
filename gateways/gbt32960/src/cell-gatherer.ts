import type { Info } from '@portico/codec-gbt32960';
import type { Counter } from '@portico/core';

/** Cells of one connection that wait for others of their batteries. */
const MAX_CELLS = 16_384;

/** What a report tells of a battery; of a faulty one, maybe not all. */
interface Part {
  readonly ChargeableSubsysNo: number;
  readonly CellsTotal?: number;
  /** Of its first cell here: they count from 1 on, but some terminals begin with 0. */
  readonly FrameCellsIndex?: number;
  readonly CellsVoltage?: readonly number[];
}

/** The cells of a battery that have come. */
interface Gathering {
  /** At which they were measured, as it stands in frames. */
  readonly time: string;
  readonly total: number;
  readonly first: number;
  readonly cells: number[];
}

/**
 * Joins voltages of batteries with more cells than go into a report: terminals send those of one time in several parts,
 * in their order (GB/T 32960.3-2016; since 2025 there are no parts). One for each connection.
 */
export class CellGatherer {
  readonly #incomplete: Counter;
  /** By VIN and number of the battery; those that began first are first. */
  readonly #gatherings = new Map<string, Gathering>();
  /** Cells in all of them. */
  #held = 0;

  /** @param incomplete counts batteries of which not all cells have come */
  constructor(incomplete: Counter) {
    this.#incomplete = incomplete;
  }

  /**
   * Takes the items of a report.
   * @param time at which it was measured, as it stands in frames
   * @returns the batteries of which the last cells have come with it, each as a single part would tell of it; undefined
   *   if there is none
   */
  add(vin: string, time: Buffer, infos: readonly Info[]): Info | undefined {
    const at = time.toString('hex');
    const whole = infos
      .filter(({ Type }) => Type === 'ChargeableVoltage')
      .flatMap(({ SubSystems }) => (SubSystems ?? []) as readonly Part[])
      .flatMap((part) => this.#addPart(`${vin} ${part.ChargeableSubsysNo}`, at, part) ?? []);
    if (whole.length === 0) return undefined;
    return { Type: 'ChargeableVoltage', Number: whole.length, SubSystems: whole };
  }

  /** @returns the whole battery, if this is its last part */
  #addPart(key: string, time: string, part: Part): object | undefined {
    const { CellsTotal: total = 0, FrameCellsIndex: index = 0, CellsVoltage: cells = [] } = part;
    if (cells.length === 0) return undefined;
    let gathering = this.#gatherings.get(key);
    if (gathering === undefined || !continues(gathering, time, part)) {
      this.#drop(key, gathering);
      if (index > 1 || cells.length >= total) return undefined;
      gathering = { time, total, first: index, cells: [] };
      this.#gatherings.set(key, gathering);
    }
    gathering.cells.push(...cells);
    this.#held += cells.length;
    if (gathering.cells.length < total) {
      this.#makeRoom();
      return undefined;
    }
    this.#forget(key, gathering);
    const { first, cells: all } = gathering;
    return { ...part, FrameCellsIndex: first, FrameCellsCount: all.length, CellsVoltage: all };
  }

  #makeRoom(): void {
    for (const [key, oldest] of this.#gatherings) {
      if (this.#held <= MAX_CELLS) return;
      this.#drop(key, oldest);
    }
  }

  #drop(key: string, gathering: Gathering | undefined): void {
    if (gathering === undefined) return;
    this.#incomplete.value++;
    this.#forget(key, gathering);
  }

  #forget(key: string, { cells }: Gathering): void {
    this.#held -= cells.length;
    this.#gatherings.delete(key);
  }
}

function continues({ time, total, first, cells }: Gathering, at: string, part: Part): boolean {
  const { CellsTotal, FrameCellsIndex, CellsVoltage = [] } = part;
  const count = cells.length + CellsVoltage.length;
  return at === time && CellsTotal === total && FrameCellsIndex === first + cells.length && count <= total;
}
