import { type ConfigResult, loadConfig } from '@portico/core';
import { configSchema, type PorticoConfig, RESERVED_KEYS } from './config-schema.js';
import { defaultConfigFile } from './paths.js';

/**
 * Reads the configuration that a command is to use, environment included.
 * @param file as given with `-c`; otherwise `config/portico.yaml` of the installation, if it is there
 * @throws PorticoError `PORTICO_ERR_CONFIG_FILE` when the file cannot be read
 */
export function loadPorticoConfig(
  file: string | undefined,
  env: NodeJS.ProcessEnv,
): ConfigResult<PorticoConfig> & { readonly file: string | undefined } {
  const used = file ?? defaultConfigFile();
  return { file: used, ...loadConfig({ schema: configSchema, file: used, env, reserved: RESERVED_KEYS }) };
}
