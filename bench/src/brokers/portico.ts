import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { apiPortBeside, LISTING } from '../load/client-lists.js';
import { PSK } from '../load/dtls-client.js';
import { mqttPortBeside } from '../load/gbt32960-load.js';
import { makeCertificate } from './certificate.js';
import { ROOT } from './node-peer.js';
import type { Peer } from './peer.js';

interface Listener {
  readonly gateway: string;
  readonly transport: string;
  /** Keys of the gateway beside `enable` and `listeners`. */
  readonly gatewayKeys: Readonly<Record<string, unknown>>;
  /** Keys of the listener beside `bind`. */
  readonly keys: (folder: string) => Readonly<Record<string, unknown>>;
  /** The section `access`; empty unless given. */
  readonly access?: (folder: string) => Readonly<Record<string, unknown>>;
  /** Further gateways, whole. */
  readonly beside?: (port: number) => Readonly<Record<string, object>>;
  /** Whether the management API listens at a port that the load knows. */
  readonly listed?: boolean;
  /** Keys that are not as by default, for the report. */
  readonly about: string;
  /** Where its store lies; in its own folder unless given. */
  readonly dataDir?: string;
}

interface Schema {
  readonly properties: { readonly gateways: { readonly properties: object } };
}

/** Names of all gateways: each is on unless the configuration says otherwise. */
function gatewayNames(): string[] {
  const schema = JSON.parse(readFileSync(join(ROOT, 'config/portico.schema.json'), 'utf8')) as Schema;
  return Object.keys(schema.properties.gateways.properties);
}

/** Portico with one gateway, which listens on the measured port, and those beside it; all else as it is by default. */
function portico(listener: Listener): Peer {
  return {
    name: 'portico',
    launch(port, folder) {
      const file = join(folder, 'portico.yaml');
      writeFileSync(file, JSON.stringify(configuration(listener, port, folder)));
      const manifest = readFileSync(join(ROOT, 'package.json'), 'utf8');
      return {
        command: [join(ROOT, 'bin/portico'), 'start', '-c', file],
        ready: /Portico \S+ is running/,
        title: `Portico ${(JSON.parse(manifest) as { version: string }).version}`,
        settings: `defaults, only the ${listener.gateway} gateway${listener.about}`,
      };
    },
  };
}

/** JSON is YAML. */
function configuration(
  {
    gateway,
    transport,
    gatewayKeys,
    keys,
    beside,
    listed = false,
    access = () => ({}),
    dataDir = 'data',
  }: Listener,
  port: number,
  folder: string,
): object {
  const listener = { bind: `127.0.0.1:${port}`, ...keys(folder) };
  return {
    node: { data_dir: resolve(folder, dataDir) },
    access: access(folder),
    management: { bind: `127.0.0.1:${listed ? apiPortBeside(port) : 0}`, default_application: LISTING },
    gateways: {
      ...Object.fromEntries(gatewayNames().map((name) => [name, { enable: false }])),
      [gateway]: { enable: true, ...gatewayKeys, listeners: { [transport]: { default: listener } } },
      ...beside?.(port),
    },
  };
}

/** Thousands of clients come at once; by default they would be let in at 1,000 per second. */
const NO_RATE = { max_conn_rate: 0 };
/** As mosquitto is set up: what waits for a subscriber is not limited, so that nothing is dropped. */
const NO_LIMIT = { max_mqueue_len: 0 };

export const porticoMqtt = portico({
  gateway: 'mqtt',
  transport: 'tcp',
  gatewayKeys: NO_LIMIT,
  keys: () => NO_RATE,
  about: ', max_mqueue_len 0, max_conn_rate 0',
});

/** Its clients can be listed. */
export const porticoMqttListed = portico({
  gateway: 'mqtt',
  transport: 'tcp',
  gatewayKeys: NO_LIMIT,
  keys: () => NO_RATE,
  listed: true,
  about: ', max_mqueue_len 0, max_conn_rate 0',
});

/** Each acknowledgement says that the message is on the disk. @param dataDir where, if it is to stay there */
export function porticoMqttDurable(dataDir?: string): Peer {
  return portico({
    gateway: 'mqtt',
    transport: 'tcp',
    gatewayKeys: { ...NO_LIMIT, max_mqueue_bytes: 0, force_shutdown: 0 },
    keys: () => NO_RATE,
    about: ', max_mqueue_len 0, max_mqueue_bytes 0, force_shutdown 0, max_conn_rate 0, store.sync always',
    ...(dataDir !== undefined && { dataDir }),
  });
}

export const porticoMqttTls = portico({
  gateway: 'mqtt',
  transport: 'tls',
  gatewayKeys: NO_LIMIT,
  keys(folder) {
    const { certificate, key } = makeCertificate(folder);
    return { ...NO_RATE, certfile: certificate, keyfile: key, tls_versions: ['tlsv1.3'] };
  },
  about: ', max_mqueue_len 0, max_conn_rate 0, tls_versions tlsv1.3',
});

export const porticoMqttSn = portico({
  gateway: 'mqttsn',
  transport: 'udp',
  gatewayKeys: {},
  keys: () => NO_RATE,
  about: ', max_conn_rate 0',
});

export const porticoJt808 = portico({
  gateway: 'jt808',
  transport: 'tcp',
  gatewayKeys: {},
  keys: () => NO_RATE,
  about: ', max_conn_rate 0',
});

/** MQTT at the next port. */
export const porticoGbt32960AndMqtt = portico({
  gateway: 'gbt32960',
  transport: 'tcp',
  gatewayKeys: {},
  keys: () => NO_RATE,
  beside: (port) => ({
    mqtt: {
      enable: true,
      ...NO_LIMIT,
      listeners: { tcp: { default: { bind: `127.0.0.1:${mqttPortBeside(port)}`, ...NO_RATE } } },
    },
  }),
  about: ' beside that of MQTT, max_conn_rate 0, max_mqueue_len 0',
});

export const porticoCoap = portico({
  gateway: 'coap',
  transport: 'udp',
  gatewayKeys: {},
  keys: () => ({}),
  about: '',
});

/** With confirmable notifications, as shipped. */
export const porticoCoapObserve = portico({
  gateway: 'coap',
  transport: 'udp',
  gatewayKeys: {},
  keys: () => NO_RATE,
  about: ', max_conn_rate 0',
});

export const porticoCoapObserveNon = portico({
  gateway: 'coap',
  transport: 'udp',
  gatewayKeys: { notify_type: 'non' },
  keys: () => NO_RATE,
  about: ', notify_type non, max_conn_rate 0',
});

const lwm2mListener: Listener = {
  gateway: 'lwm2m',
  transport: 'udp',
  gatewayKeys: {},
  keys: () => NO_RATE,
  about: ', max_conn_rate 0',
};

export const porticoLwm2m = portico(lwm2mListener);

/** MQTT at the same number of port. */
export const porticoLwm2mAndMqtt = portico({
  ...lwm2mListener,
  beside: (port) => ({
    mqtt: {
      enable: true,
      ...NO_LIMIT,
      listeners: { tcp: { default: { bind: `127.0.0.1:${port}`, ...NO_RATE } } },
    },
  }),
  about: ' beside that of MQTT, max_conn_rate 0, max_mqueue_len 0',
});

export const porticoCoapDtls = portico({
  gateway: 'coap',
  transport: 'dtls',
  gatewayKeys: {},
  keys: () => ({ ...NO_RATE, psk: true }),
  access(folder) {
    const file = join(folder, 'psk.txt');
    writeFileSync(file, `${PSK.identity}:${PSK.key}\n`);
    return { psk_file: file };
  },
  about: ', psk true, max_conn_rate 0',
});

export const porticoStomp = portico({
  gateway: 'stomp',
  transport: 'tcp',
  gatewayKeys: NO_LIMIT,
  keys: () => NO_RATE,
  about: ', max_mqueue_len 0, max_conn_rate 0',
});
