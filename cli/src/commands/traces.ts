import { fieldLines } from '../field-lines.js';
import { type ApiCommandOptions, type Row, withManagementApi } from '../management-api.js';
import { Printer } from '../printer.js';
import { TextTable } from '../text-table.js';

const COLUMNS = ['name', 'type', 'condition', 'status', 'start_at', 'end_at', 'log_size'] as const;

/** What is to be traced. */
export interface TraceRequest {
  readonly type: string;
  readonly condition: string;
  /** Of the trace; made of the time unless given. */
  readonly name?: string | undefined;
  /** Seconds for which it runs. */
  readonly seconds?: number | undefined;
}

/** What is behind each way to say what is traced. */
const TYPES: Readonly<Record<string, string>> = { client: 'clientid', topic: 'topic', ip: 'ip_address' };

/** Begins a trace, and prints its name. @returns the exit code */
export function startTrace(options: ApiCommandOptions & TraceRequest): Promise<number> {
  const { type, condition, seconds, json, stdout } = options;
  const now = Date.now();
  const name = options.name ?? `trace-${Math.floor(now / 1000)}`;
  const end = seconds === undefined ? {} : { end_at: Math.ceil(now / 1000) + seconds };
  return withManagementApi(options, async (api) => {
    await api.post('/trace', { name, type: TYPES[type], condition, ...end });
    stdout.write(json ? `${JSON.stringify({ name })}\n` : `${name}\n`);
  });
}

/** Lists traces. @returns the exit code */
export function listTraces(options: ApiCommandOptions): Promise<number> {
  const { json, stdout } = options;
  return withManagementApi(options, async (api) => {
    const rows = await api.rows('/trace');
    stdout.write(json ? `${JSON.stringify(rows)}\n` : tableOf(rows));
  });
}

function tableOf(rows: readonly Row[]): string {
  const table = new TextTable(COLUMNS.map((name) => name.replace('_', ' ').toUpperCase()));
  return table.lines(rows.map((row) => COLUMNS.map((name) => cellOf(row, name))));
}

/** The type is shown as it is written to start a trace. */
function cellOf(row: Row, name: (typeof COLUMNS)[number]): string {
  const value = String(row[name]);
  const [word = value] =
    name === 'type' ? (Object.entries(TYPES).find(([, type]) => type === value) ?? []) : [];
  return word;
}

type Named = ApiCommandOptions & { readonly name: string };

/** Shows a trace. @returns the exit code: 1 when there is none of that name */
export function showTrace(options: Named): Promise<number> {
  const { name, json, stdout } = options;
  return withManagementApi(options, async (api) => {
    const row = await api.value(pathOf(name));
    stdout.write(json ? `${JSON.stringify(row)}\n` : fieldLines(row));
  });
}

/** Ends a trace; its file stays. @returns the exit code: 1 when there is none of that name */
export function stopTrace(options: Named): Promise<number> {
  return changed(options, (api) => api.put(`${pathOf(options.name)}/stop`));
}

/** Deletes a trace with its file. @returns the exit code: 1 when there is none of that name */
export function deleteTrace(options: Named): Promise<number> {
  return changed(options, (api) => api.delete(pathOf(options.name)));
}

/** Prints the file of a trace. @returns the exit code: 1 when there is none of that name */
export function downloadTrace(options: Named): Promise<number> {
  return withManagementApi(options, async (api) => {
    await new Printer(options.stdout).print(await api.text(`${pathOf(options.name)}/download`));
  });
}

type Api = Parameters<Parameters<typeof withManagementApi>[1]>[0];

function changed(options: Named, change: (api: Api) => Promise<unknown>): Promise<number> {
  const { json, stdout } = options;
  return withManagementApi(options, async (api) => {
    await change(api);
    stdout.write(json ? '{"result":"ok"}\n' : 'ok\n');
  });
}

function pathOf(name: string): string {
  return `/trace/${encodeURIComponent(name)}`;
}
