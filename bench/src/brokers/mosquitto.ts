import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from './certificate.js';
import type { Peer } from './peer.js';
import { librariesOf, unpacked } from './unpacked.js';

interface Program {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Defaults, but for: no limit to what waits for a subscriber, so that it never drops.
 */
const SETTINGS = ['allow_anonymous true', 'max_queued_messages 0'];

/** @param extra more lines of the listener's configuration */
function mosquittoPeer(extra: (folder: string) => readonly string[], about = ''): Peer {
  return {
    name: 'mosquitto',
    launch(port, folder) {
      const { path, environment } = findProgram();
      const file = join(folder, 'mosquitto.conf');
      // Started by root it would become another user, who may not read the folder.
      const user = `user ${userInfo().username}`;
      const lines = [user, `listener ${port} 127.0.0.1`, ...extra(folder), ...SETTINGS, ''];
      writeFileSync(file, lines.join('\n'));
      return {
        command: [path, '-c', file],
        environment,
        ready: /mosquitto version \S+ running/,
        title: `mosquitto ${versionOf(path, environment)}`,
        settings: `defaults and ${SETTINGS.join(', ')}${about}`,
      };
    },
  };
}

export const mosquitto = mosquittoPeer(() => []);

export const mosquittoTls = mosquittoPeer((folder) => {
  const { certificate, key } = makeCertificate(folder);
  return [`certfile ${certificate}`, `keyfile ${key}`, 'tls_version tlsv1.3'];
}, ', tls_version tlsv1.3');

/** What it keeps it writes to disk all at once, every half an hour and at its end: an acknowledgement says nothing. */
export const mosquittoPersistent = mosquittoPeer(
  (folder) => ['persistence true', `persistence_location ${folder}/`],
  ', persistence true (keeps in memory, writes to disk every 30 minutes)',
);

function findProgram(): Program {
  const installed = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
    .map((folder) => join(folder, 'mosquitto'))
    .find(existsSync);
  if (installed !== undefined) return { path: installed, environment: {} };
  const root = unpacked('mosquitto');
  const path = join(root, 'usr/sbin/mosquitto');
  if (!existsSync(path)) throw new Error('mosquitto is not there: make bench brings it');
  return { path, environment: librariesOf(root) };
}

function versionOf(path: string, environment: Program['environment']): string {
  const help = spawnSync(path, ['-h'], { encoding: 'utf8', env: { ...process.env, ...environment } }).stdout;
  return /version (\S+)/.exec(help)?.[1] ?? '';
}
