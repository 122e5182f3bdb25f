import { type ApiCommandOptions, withManagementApi } from '../management-api.js';
import { type Columns, printDone, printRows, textOf } from '../row-list.js';

const COLUMNS: Columns = [
  ['HANDLER', textOf('id')],
  ['LEVEL', textOf('level')],
  ['DESTINATION', textOf('destination')],
  ['STATUS', textOf('status')],
  ['LOST', textOf('lost')],
  ['FAULT', ({ fault }) => String(fault ?? '')],
];

interface LevelOptions extends ApiCommandOptions {
  readonly level: string | undefined;
  /** Whether the levels of handlers stay as they are. */
  readonly primary?: boolean;
}

/** Sets the log level where one is given, and says which it is. @returns the exit code */
export function logLevel(options: LevelOptions): Promise<number> {
  const { level, primary = false, json, stdout } = options;
  return withManagementApi(options, async (api) => {
    if (level !== undefined) await api.put(primary ? '/log/primary-level' : '/log/level', { level });
    const current = (await api.value('/log/level')).level;
    stdout.write(json ? `${JSON.stringify({ level: current })}\n` : `${current}\n`);
  });
}

type HandlerOptions = ApiCommandOptions & { readonly handler: string };

/** Lists where the log goes. @returns the exit code */
export function listLogHandlers(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await printRows(options, COLUMNS, await api.ofNodes('/log/handlers', 'handlers'));
  });
}

/** Starts or stops a handler. @returns the exit code: 1 when there is none, or nothing to do */
export function changeLogHandler(
  options: HandlerOptions & { readonly action: 'start' | 'stop' },
): Promise<number> {
  const { handler, action } = options;
  return withManagementApi(options, async (api) => {
    await api.put(`/log/handlers/${encodeURIComponent(handler)}/${action}`);
    printDone(options);
  });
}

/** Sets the level of a handler. @returns the exit code: 1 when there is none */
export function setLogHandlerLevel(options: HandlerOptions & { readonly level: string }): Promise<number> {
  const { handler, level } = options;
  return withManagementApi(options, async (api) => {
    await api.put(`/log/handlers/${encodeURIComponent(handler)}/level`, { level });
    printDone(options);
  });
}
