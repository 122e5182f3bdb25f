import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Peer } from './peer.js';
import { librariesOf, unpacked } from './unpacked.js';

/** Where Debian's packages have what belongs to them, below their root. */
const PROGRAMS = 'usr/lib/rabbitmq';
const ERLANG = 'usr/lib/erlang';
const SERVER = join(PROGRAMS, 'bin/rabbitmq-server');

/** RabbitMQ with its STOMP plugin, as it is when it has just been installed, in a folder of its own. */
export const rabbitmq = rabbitmqPeer({ plugins: ['rabbitmq_stomp'] });

/** The same, with its plugin for STOMP over WebSocket: that listens at the next port, with the path `/ws`. */
export const rabbitmqWebSocket = rabbitmqPeer({
  plugins: ['rabbitmq_stomp', 'rabbitmq_web_stomp'],
  settings: (port) => [`web_stomp.tcp.listener = 127.0.0.1:${port + 1}`, 'web_stomp.ws_frame = binary'],
});

interface Plugins {
  readonly plugins: readonly string[];
  /** Lines of the configuration. */
  readonly settings?: (port: number) => readonly string[];
}

function rabbitmqPeer({ plugins, settings = () => [] }: Plugins): Peer {
  return {
    name: 'rabbitmq',
    launch(port, folder) {
      const root = rootOf(SERVER);
      if (root === undefined) throw new Error('RabbitMQ is not there: make test and make bench bring it');
      const lines = ['listeners.tcp = none', `stomp.listeners.tcp.1 = 127.0.0.1:${port}`, ...settings(port)];
      writeFileSync(join(folder, 'rabbitmq.conf'), `${lines.join('\n')}\n`);
      writeFileSync(join(folder, 'enabled_plugins'), `[${plugins.join(',')}].\n`);
      const script = fileURLToPath(new URL('./rabbitmq-server.js', import.meta.url));
      return {
        command: [process.execPath, script, join(root, SERVER)],
        environment: { ...erlang(root, folder), ...environment(folder) },
        ready: /Server startup complete/,
        title: `RabbitMQ ${versionIn(root)}`,
        settings: `defaults, only the plugin ${plugins.join(' and ')}`,
      };
    },
  };
}

/** The root of the packages that hold a file: the machine's own, or that of those unpacked. */
function rootOf(file: string): string | undefined {
  return ['/', unpacked('rabbitmq-server')].find((root) => existsSync(join(root, file)));
}

/**
 * What Erlang needs to know where it does not lie in its own place, which its program `erl` has written in it: that is left
 * out, and what it would start is called by that name. There may be libraries beside those of an Erlang that is installed.
 */
function erlang(root: string, folder: string): Readonly<Record<string, string>> {
  const runtimeRoot = rootOf(join(ERLANG, 'bin/erl'));
  if (runtimeRoot === undefined) throw new Error('Erlang is not there, which RabbitMQ needs');
  if (root === '/' && runtimeRoot === '/') return {};
  const runtime = join(runtimeRoot, ERLANG);
  const [version = ''] = readdirSync(runtime).filter((name) => name.startsWith('erts-'));
  const programs = join(runtime, version, 'bin');
  const own = join(folder, 'bin');
  mkdirSync(own);
  symlinkSync(join(programs, 'erlexec'), join(own, 'erl'));
  return {
    ...librariesOf(root),
    ROOTDIR: runtime,
    BINDIR: programs,
    EMU: 'beam',
    PROGNAME: 'erl',
    ERL_LIBS: join(root, ERLANG, 'lib'),
    PATH: [own, programs, process.env.PATH].join(':'),
  };
}

/** What it keeps stays in the folder, and its nodes talk to each other on 127.0.0.1 only. */
function environment(folder: string): Record<string, string> {
  return {
    HOME: folder,
    RABBITMQ_NODENAME: 'bench@localhost',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_LOGS: '-',
    // Its script becomes the broker then, and does not stand between it and signals.
    RUNNING_UNDER_SYSTEMD: 'true',
  };
}

function versionIn(root: string): string {
  const [release = ''] = readdirSync(join(root, PROGRAMS, 'lib'));
  return release.replace('rabbitmq_server-', '');
}
