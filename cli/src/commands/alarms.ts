import { PorticoError } from '@portico/core/base';
import { type ApiCommandOptions, withManagementApi } from '../management-api.js';
import { type Columns, printDone, printRows, textOf } from '../row-list.js';
import { secondsText } from '../times.js';

const COLUMNS: Columns = [
  ['NAME', textOf('name')],
  ['SINCE', ({ activate_at: time }) => microsecondsText(time)],
  ['UNTIL', ({ deactivate_at: time }) => (time === 'infinity' ? '-' : microsecondsText(time))],
  ['MESSAGE', textOf('message')],
];

const microsecondsText = (time: unknown) => secondsText(Number(time) / 1e6);

/** Which alarms: all, those that are active, those that are over. */
const PATHS = { all: '/alarms', active: '/alarms/activated', past: '/alarms/deactivated' } as const;

/** Lists what needs an operator, and what did. @returns the exit code */
export function listAlarms(
  options: ApiCommandOptions & { readonly which: keyof typeof PATHS },
): Promise<number> {
  return withManagementApi(options, async (api) => {
    await printRows(options, COLUMNS, await api.ofNodes(PATHS[options.which], 'alarms'));
  });
}

/** Says that an alarm is over, on every node on which it is active. @returns the exit code: 1 when it is on none */
export function deactivateAlarm(options: ApiCommandOptions & { readonly name: string }): Promise<number> {
  const { name } = options;
  return withManagementApi(options, async (api) => {
    const nodes = (await api.rows(PATHS.active)).filter(({ alarms }) =>
      (alarms as readonly { readonly name: string }[]).some((alarm) => alarm.name === name),
    );
    if (nodes.length === 0) throw new PorticoError('PORTICO_ERR_NOT_FOUND', `no alarm "${name}" is active`);
    for (const { node } of nodes) await api.post(PATHS.past, { node, name });
    printDone(options);
  });
}

/** Forgets the alarms that are over. @returns the exit code */
export function forgetAlarms(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.delete(PATHS.past);
    printDone(options);
  });
}
