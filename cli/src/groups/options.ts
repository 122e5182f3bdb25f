import type { Command, CommandOptions } from 'commander';
import type { ApiCommandOptions } from '../management-api.js';

const { env, stdout, stderr } = process;

/** Of every command that reads the configuration. */
export const CONFIG_OPTION = [
  '-c, --config <file>',
  'configuration file (default: config/portico.yaml)',
] as const;

/** Above the options in help that every command of the API has. */
export const HUB_OPTIONS = 'Which hub, and how to show it:';

export interface ConfigOption {
  readonly config?: string;
}

/** Options of a command that asks the API of a hub that runs. */
interface ApiOptions extends ConfigOption {
  readonly url?: string;
  readonly app?: string;
  readonly secret?: string;
  readonly ca?: string;
  readonly json?: boolean;
}

/**
 * Adds a command that asks the API of a hub that runs; options of its own may be added to what is returned.
 * @param signature its name and arguments
 * @param run does it, given all options and the arguments, and gives the exit code
 * @param settings of Commander for it
 */
export function apiCommand<Given, Args extends readonly (string | undefined)[]>(
  parent: Command,
  signature: string,
  description: string,
  run: (options: ApiCommandOptions & Given, ...args: Args) => Promise<number>,
  settings: CommandOptions = {},
): Command {
  return parent
    .command(signature, settings)
    .description(description)
    .optionsGroup(HUB_OPTIONS)
    .option(...CONFIG_OPTION)
    .option('--url <url>', 'where the management API is (default: of the hub with this configuration)')
    .option('--app <id>', 'an application of the API (default: the one that the hub leaves in node.data_dir)')
    .option('--secret <secret>', 'its secret, which may also stand behind the id: --app id:secret')
    .option('--ca <file>', 'PEM file with the authorities, or the certificate, that HTTPS is trusted by')
    .option('--json', 'print JSON')
    .optionsGroup('')
    .action(async (...all: unknown[]) => {
      const [given] = all.slice(-2) as [ApiOptions & Given];
      const args = all.slice(0, -2) as unknown as Args;
      process.exitCode = await run({ ...given, ...apiOptions(given) }, ...args);
    });
}

/** What all commands of the API are told. */
function apiOptions({ config, url, app, secret, ca, json = false }: ApiOptions): ApiCommandOptions {
  return { file: config, url, app, secret, ca, json, env, stdout, stderr };
}
