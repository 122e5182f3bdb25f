import type { Alarms, LogHandler, Metrics, RootLogger } from '@portico/core';

/** What a hub counts of its log, and raises alarms about: files that cannot be written. */
export function watchLog({ alarms, metrics }: { alarms: Alarms; metrics: Metrics }, log: RootLogger): void {
  metrics.follow('log.lines.lost', 'lines of the log that could not be written', () => log.lost);
  metrics.follow(
    'log.faults',
    'times that a file of the log could not be written any more',
    () => log.faults,
  );
  const look = ({ id, destination }: Pick<LogHandler, 'id' | 'destination'>, reason: string | undefined) => {
    const name = `log_file_unwritable:${id}`;
    if (reason === undefined) alarms.deactivate(name);
    else alarms.activate(name, `the log file ${destination} cannot be written: ${reason}`, { reason });
  };
  log.onFault = look;
  for (const handler of log.handlers) if (handler.fault !== undefined) look(handler, handler.fault);
}
