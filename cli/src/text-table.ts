import { escapeControls } from '@portico/core/base';

/** Between columns. */
const GAP = '  ';

/** Rows of text as a table, page by page: columns only get wider, headings come once. */
export class TextTable {
  readonly #widths: number[];
  #heading: readonly string[] | undefined;

  constructor(headings: readonly string[]) {
    this.#heading = headings;
    this.#widths = headings.map(() => 0);
  }

  /** The lines of some rows. What devices have named is shown without what would move the cursor. */
  lines(rows: readonly (readonly string[])[]): string {
    const shown = rows.map((row) => row.map(escapeControls));
    if (this.#heading !== undefined) shown.unshift([...this.#heading]);
    this.#heading = undefined;
    for (const row of shown) this.#widen(row);
    return shown.map((row) => `${this.#line(row)}\n`).join('');
  }

  #widen(row: readonly string[]): void {
    row.forEach((text, column) => {
      this.#widths[column] = Math.max(this.#widths[column] ?? 0, text.length);
    });
  }

  #line(row: readonly string[]): string {
    const cells = row.map((text, column) => text.padEnd(this.#widths[column] ?? 0));
    return cells.join(GAP).trimEnd();
  }
}
