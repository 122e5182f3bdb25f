import { isSettings, loadConfig, type Settings } from '@portico/core/base';
import { z } from 'zod';
import { defaultConfigFile } from './paths.js';

/** The section `node` of the configuration. */
export const nodeSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w-]+@[\w.:-]+$/, 'a name and a host such as portico@127.0.0.1')
    .default('portico@127.0.0.1')
    .describe('name of this node: one of its own in each cluster'),
  data_dir: z
    .string()
    .min(1)
    .default('data')
    .describe('folder for what must outlive a restart; if relative, from where Portico is started'),
});

/** The folder of a hub whose configuration does not name one. */
const DEFAULT_DATA_DIR = nodeSchema.parse({}).data_dir;

/** All other sections are passed over: what they may hold is known only when all gateways are loaded. */
const onlyNodeSchema = z.looseObject({ node: nodeSchema.prefault({}) });

/** `node.data_dir`, if it may be right. */
export function dataDirOf({ node }: Settings): string {
  const folder = isSettings(node) ? node.data_dir : undefined;
  return typeof folder === 'string' && folder !== '' ? folder : DEFAULT_DATA_DIR;
}

/**
 * `node.data_dir` of a configuration, whatever else is wrong with it.
 * @param file as given with `-c`
 * @returns undefined when the file is no YAML, and the environment does not tell
 * @throws PorticoError `PORTICO_ERR_CONFIG_FILE` when the file cannot be read
 */
export function findDataDir(file: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const loaded = loadConfig({ schema: onlyNodeSchema, file: file ?? defaultConfigFile(), env });
  if (loaded.ok) return loaded.config.node.data_dir;
  return loaded.settings === undefined ? env.PORTICO_NODE__DATA_DIR || undefined : dataDirOf(loaded.settings);
}
