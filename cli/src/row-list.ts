import { fieldLines } from './field-lines.js';
import type { ApiCommandOptions, Row } from './management-api.js';
import { Printer } from './printer.js';
import { TextTable } from './text-table.js';

/** What a table shows of each row: headings, and the text below them. */
export type Columns = readonly (readonly [heading: string, text: (row: Row) => string])[];

type PrintOptions = Pick<ApiCommandOptions, 'json' | 'stdout'>;

/** The value that a row has under a name, as text. */
export function textOf(name: string): (row: Row) => string {
  return (row) => String(row[name]);
}

/**
 * Prints a long list page by page, as a table or as a JSON array; stops when nobody reads any more.
 * @param none is called before the end of a list without rows, and may throw
 */
export async function printPages(
  { json, stdout }: PrintOptions,
  columns: Columns,
  pages: AsyncIterable<readonly Row[]>,
  none: () => Promise<void> = async () => {},
): Promise<void> {
  const text = json ? jsonText() : tableText(columns);
  const printer = new Printer(stdout);
  let empty = true;
  for await (const rows of pages) {
    empty &&= rows.length === 0;
    if (empty) continue;
    if (!(await printer.print(text.page(rows)))) return;
  }
  if (empty) await none();
  await printer.print((empty ? text.page([]) : '') + text.end);
}

/** Prints a list that is not long, as a table or as a JSON array. */
export function printRows(options: PrintOptions, columns: Columns, rows: readonly Row[]): Promise<void> {
  return printPages(options, columns, onePage(rows));
}

async function* onePage(rows: readonly Row[]) {
  yield rows;
}

/** Prints what there is of one thing: a field on each line, or a line of JSON. */
export function printRow({ json, stdout }: PrintOptions, row: Row): void {
  stdout.write(json ? `${JSON.stringify(row)}\n` : fieldLines(row));
}

/** Says that something is done. @param text for people */
export function printDone({ json, stdout }: PrintOptions, text = 'ok'): void {
  stdout.write(json ? '{"result":"ok"}\n' : `${text}\n`);
}

/** Makes the text of a list, page by page. */
interface PageText {
  page(rows: readonly Row[]): string;
  readonly end: string;
}

function tableText(columns: Columns): PageText {
  const table = new TextTable(columns.map(([heading]) => heading));
  return { page: (rows) => table.lines(rows.map((row) => columns.map(([, text]) => text(row)))), end: '' };
}

/** An array with a row on each line. */
function jsonText(): PageText {
  let separator = '[\n';
  const line = (row: Row) => {
    const text = `${separator}${JSON.stringify(row)}`;
    separator = ',\n';
    return text;
  };
  return {
    page: (rows) => rows.map(line).join(''),
    get end() {
      return separator === ',\n' ? '\n]\n' : '[]\n';
    },
  };
}
