import { setTimeout as pause } from 'node:timers/promises';
import { PorticoError } from '@portico/core/base';
import { pidNamespace } from '@portico/management/access';
import { type ApiCommandOptions, readLocal, withManagementApi } from '../management-api.js';
import { printDone } from '../row-list.js';

/** Milliseconds between two looks whether it still runs, and for which one looks at all. */
const LOOK = 50;
const PATIENCE = 60_000;
/** Milliseconds for which it may write its last lines; a process that nobody waits for is never quite gone. */
const LAST_LINES = 1000;

/** Says `pong` when a hub runs. @returns the exit code */
export function ping(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.rows('/brokers');
    printDone(options, 'pong');
  });
}

/**
 * Tells the hub of this machine with this configuration to stop, as SIGTERM does, and waits until it has.
 * @returns the exit code: 3 when none runs
 */
export function stopHub(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    const local = await readLocal(options.file, options.env);
    if (local?.pid === undefined)
      throw new PorticoError('PORTICO_ERR_MANAGEMENT', 'no hub runs with this configuration');
    const { pid } = local;
    if (local.pidNamespace !== pidNamespace())
      throw new PorticoError(
        'PORTICO_ERR_MANAGEMENT',
        `process ${pid} is in another container: stop it there`,
      );
    // It answers as the one that has left its number: no other process has it by now. One that starts may say no.
    await api.rows('/brokers').catch((error: unknown) => {
      if (!(error instanceof PorticoError) || error.code === 'PORTICO_ERR_MANAGEMENT') throw error;
    });
    signal(pid, 'SIGTERM');
    if (!(await isGone(options, pid)))
      throw new PorticoError('PORTICO_ERR_STATE', `process ${pid} is still stopping`);
    printDone(options, 'Portico is stopped');
  });
}

async function isGone(options: ApiCommandOptions, pid: number): Promise<boolean> {
  let last = 0;
  for (let waited = 0; waited < PATIENCE; waited += LOOK) {
    await pause(LOOK);
    if (!isAlive(pid)) return true;
    const local = await readLocal(options.file, options.env);
    if (local?.pid === pid) continue;
    last += LOOK;
    if (local !== undefined || last > LAST_LINES) return true;
  }
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** @throws PorticoError when the process is another user's, or is not of this machine */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EPERM' ? "it is another user's" : 'there is none here';
    throw new PorticoError('PORTICO_ERR_MANAGEMENT', `process ${pid} cannot be told to stop: ${why}`);
  }
}
