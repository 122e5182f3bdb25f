import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Peer } from './peer.js';

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * A peer that is an npm package, run by a script beside this file that takes the port as its argument and
 * prints `ready`.
 */
export function nodePeer(
  name: string,
  script: string,
  packageName: string | undefined,
  settings: string,
): Peer {
  return {
    name,
    launch: (port) => ({
      command: [process.execPath, fileURLToPath(new URL(script, import.meta.url)), String(port)],
      ready: /^ready$/m,
      title: packageName === undefined ? name : `${name} ${installedVersion(packageName)}`,
      settings,
    }),
  };
}

function installedVersion(packageName: string): string {
  const manifest = readFileSync(`${ROOT}node_modules/${packageName}/package.json`, 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
