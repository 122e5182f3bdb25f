import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './node-peer.js';
import type { Peer } from './peer.js';

/** Portico with one gateway, which listens on the measured port; all else as it is by default. */
function portico(gateway: string, transport: string): Peer {
  return {
    name: 'portico',
    launch(port, folder) {
      const file = join(folder, 'portico.yaml');
      writeFileSync(file, configuration(gateway, transport, port, folder));
      const manifest = readFileSync(join(ROOT, 'package.json'), 'utf8');
      return {
        command: [join(ROOT, 'bin/portico'), 'start', '-c', file],
        ready: /Portico \S+ is running/,
        title: `Portico ${(JSON.parse(manifest) as { version: string }).version}`,
        settings: `defaults, only the ${gateway} gateway`,
      };
    },
  };
}

function configuration(gateway: string, transport: string, port: number, folder: string): string {
  const others = ['mqtt', 'coap', 'tcp'].filter((name) => name !== gateway);
  return [
    'node:',
    `  data_dir: ${join(folder, 'data')}`,
    'gateways:',
    `  ${gateway}:`,
    '    enable: true',
    `    listeners: { ${transport}: { default: { bind: "127.0.0.1:${port}" } } }`,
    ...others.map((name) => `  ${name}: { enable: false }`),
    '',
  ].join('\n');
}

export const porticoMqtt = portico('mqtt', 'tcp');
export const porticoCoap = portico('coap', 'udp');
