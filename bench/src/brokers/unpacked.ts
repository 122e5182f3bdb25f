import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './node-peer.js';

/** Where `scripts/unpack-debian` puts a package of Debian, and those that it needs, when it is not installed. */
export function unpacked(name: string): string {
  return join(ROOT, '.portico', name);
}

/** The environment in which programs find their shared libraries. @param root where they were unpacked */
export function librariesOf(root: string): Readonly<Record<string, string>> {
  const machine = execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim();
  const folders = ['usr/lib', 'lib'].map((folder) => join(root, folder, `${machine}-linux-gnu`));
  return { LD_LIBRARY_PATH: folders.join(':') };
}
