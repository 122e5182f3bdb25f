import { type ApiCommandOptions, withManagementApi } from '../management-api.js';

/** Sets the log level where one is given, and says which it is. @returns the exit code: 1 when there is no such level */
export function logLevel(
  options: ApiCommandOptions & { readonly level: string | undefined },
): Promise<number> {
  const { level, json, stdout } = options;
  return withManagementApi(options, async (api) => {
    if (level !== undefined) await api.put('/log/level', { level });
    const current = (await api.value('/log/level')).level;
    stdout.write(json ? `${JSON.stringify({ level: current })}\n` : `${current}\n`);
  });
}
