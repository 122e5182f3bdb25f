import { PorticoError } from '@portico/core';
import { loadPorticoConfig } from '../load-portico-config.js';
import { errorText, problemsText } from '../report.js';

export interface CheckConfigOptions {
  /** As given with `-c`. */
  readonly file: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/**
 * Says what is wrong with the configuration, environment included, without starting anything.
 * @returns the exit code: 0 when it is good, 1 when it is not
 */
export function checkConfig({ file, env, stdout, stderr }: CheckConfigOptions): number {
  try {
    const loaded = loadPorticoConfig(file, env);
    for (const warning of loaded.warnings) stderr.write(`${warning}\n`);
    if (!loaded.ok) {
      stderr.write(problemsText(loaded));
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
