/**
 * RabbitMQ, by the program given as the argument, and the Erlang port mapper that it needs: at a port of its own, and on
 * loopback only. Left to itself RabbitMQ would start one that everybody can reach and that stays when it ends. Both end
 * with this program, and this one with its standard input: so they do when who has started it is no more.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './free-port.js';

/** Milliseconds for its way out. */
const PATIENCE = 5000;

const [, , server = ''] = process.argv;
const port = String(await freePort());
const environment = {
  ...process.env,
  ERL_EPMD_ADDRESS: '127.0.0.1',
  ERL_EPMD_PORT: port,
  RABBITMQ_DIST_PORT: String(await freePort()),
};
const mapper = spawn('epmd', ['-address', '127.0.0.1', '-port', port], {
  stdio: 'inherit',
  env: environment,
});
await once(mapper, 'spawn');
const broker = spawn(server, { stdio: ['ignore', 'inherit', 'inherit'], env: environment });

function stop(): void {
  broker.kill();
  setTimeout(() => broker.kill('SIGKILL'), PATIENCE).unref();
}

process.once('SIGTERM', stop);
process.stdin.once('end', stop).resume();
const [code] = await once(broker, 'exit');
mapper.kill();
process.exit(code ?? 1);
