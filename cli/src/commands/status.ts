import { PorticoError, quantity } from '@portico/core/base';
import { type ApiCommandOptions, type Row, withManagementApi } from '../management-api.js';

/** Says whether a hub runs, which, and since when. @returns the exit code: 0 when it serves clients */
export function showStatus(options: ApiCommandOptions): Promise<number> {
  const { json, stdout } = options;
  return withManagementApi(options, async (api) => {
    const [node] = await api.rows('/nodes');
    if (node === undefined) throw new PorticoError('PORTICO_ERR_REQUEST', 'there is no node');
    stdout.write(json ? `${JSON.stringify(node)}\n` : statusLines(node));
  });
}

function statusLines(node: Row): string {
  return [
    `Node '${node.node}' is started`,
    `Portico ${node.version} is running`,
    `Since ${node.uptime}`,
    `${quantity(Number(node.live_connections), 'client')} connected, ${quantity(Number(node.connections), 'session')}`,
    '',
  ].join('\n');
}
