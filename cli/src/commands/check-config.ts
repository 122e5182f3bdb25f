import { namedFileFaults, PorticoError } from '@portico/core';
import { managementFileFaults } from '@portico/management';
import { GATEWAYS } from '../gateways.js';
import { loadPorticoConfig } from '../load-portico-config.js';
import { errorsText, errorText, problemsText } from '../report.js';

export interface CheckConfigOptions {
  /** As given with `-c`. */
  readonly file: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/**
 * Says what is wrong with the configuration, environment included, and, once nothing is, with the files that it
 * names. Nothing is started and no port is opened.
 * @returns the exit code: 0 when all is good, 1 when it is not
 */
export async function checkConfig({ file, env, stdout, stderr }: CheckConfigOptions): Promise<number> {
  try {
    const loaded = loadPorticoConfig(file, env);
    for (const warning of loaded.warnings) stderr.write(`${warning}\n`);
    if (!loaded.ok) {
      stderr.write(problemsText(loaded));
      return 1;
    }
    const { config } = loaded;
    const faults = [...(await namedFileFaults(config, GATEWAYS)), ...managementFileFaults(config.management)];
    if (faults.length > 0) {
      stderr.write(errorsText(faults));
      return 1;
    }
    stdout.write(`${loaded.file ?? 'the built-in defaults'}: ok\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof PorticoError)) throw error;
    stderr.write(errorText(error));
    return 1;
  }
}
