import { type ConfigResult, loadConfig, type Settings } from '@portico/core';
import { configSchema, type PorticoConfig, RESERVED_KEYS } from './config-schema.js';
import { dataDirOf } from './node-config.js';
import { overridesFile, readOverridesFile } from './overrides-file.js';
import { defaultConfigFile } from './paths.js';

/**
 * Reads the configuration that a command is to use: with what was changed while the hub ran, and the environment.
 * @param file as given with `-c`; otherwise `config/portico.yaml` of the installation, if it is there
 * @throws PorticoError `PORTICO_ERR_CONFIG_FILE` when a file cannot be read
 */
export function loadPorticoConfig(
  file: string | undefined,
  env: NodeJS.ProcessEnv,
): ConfigResult<PorticoConfig> & { readonly file: string | undefined } {
  const used = file ?? defaultConfigFile();
  const overrides = (settings: Settings) => readOverridesFile(overridesFile(dataDirOf(settings)));
  return {
    file: used,
    ...loadConfig({ schema: configSchema, file: used, env, reserved: RESERVED_KEYS, overrides }),
  };
}
