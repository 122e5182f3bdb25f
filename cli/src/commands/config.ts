import { type ApiCommandOptions, withManagementApi } from '../management-api.js';
import { printDone } from '../row-list.js';

/**
 * Gives a key another value in a hub that runs, now and for its next starts.
 * @param options value: as it would be written in the configuration file
 * @returns the exit code: 1 when it may not have that value, or cannot be changed at run time
 */
export function setConfig(
  options: ApiCommandOptions & { readonly key: string; readonly value: string },
): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.put(configPath(options.key), { value: settingOf(options.value) });
    printDone(options);
  });
}

/** Takes back what was changed of a key, or a section, at run time. @returns the exit code */
export function unsetConfig(options: ApiCommandOptions & { readonly key: string }): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.delete(configPath(options.key));
    printDone(options);
  });
}

function configPath(key: string): string {
  return `/configs/${encodeURIComponent(key)}`;
}

/** What a text stands for in JSON, such as 20, true or ["allow all"]; the text itself where it is none. */
function settingOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
