import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Peer } from './peer.js';

/** Where Debian's package `rabbitmq-server` has its programs. */
const INSTALLED = '/usr/lib/rabbitmq';
const SERVER = join(INSTALLED, 'bin/rabbitmq-server');

/** RabbitMQ with its STOMP plugin, as it is when it has just been installed, in a folder of its own. */
export const rabbitmq: Peer = {
  name: 'rabbitmq',
  onDemand: true,
  launch(port, folder) {
    if (!existsSync(SERVER)) throw new Error('RabbitMQ is not there: sudo apt-get install rabbitmq-server');
    const settings = ['listeners.tcp = none', `stomp.listeners.tcp.1 = 127.0.0.1:${port}`, ''];
    writeFileSync(join(folder, 'rabbitmq.conf'), settings.join('\n'));
    writeFileSync(join(folder, 'enabled_plugins'), '[rabbitmq_stomp].\n');
    const script = fileURLToPath(new URL('./rabbitmq-server.js', import.meta.url));
    return {
      command: [process.execPath, script, SERVER],
      environment: environment(folder),
      ready: /Server startup complete/,
      title: `RabbitMQ ${installedVersion()}`,
      settings: 'defaults, only the plugin rabbitmq_stomp',
    };
  },
};

/** What it keeps stays in the folder, and its nodes talk to each other on 127.0.0.1 only. */
function environment(folder: string): Record<string, string> {
  return {
    HOME: folder,
    RABBITMQ_NODENAME: 'bench@localhost',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_LOGS: '-',
  };
}

function installedVersion(): string {
  const [release = ''] = readdirSync(join(INSTALLED, 'lib'));
  return release.replace('rabbitmq_server-', '');
}
