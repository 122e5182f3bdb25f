import type { TransportType } from '../engine/client-info.js';
import type { Listener } from './connection.js';
import { DtlsListener } from './dtls/dtls-listener.js';
import { identified } from './identity/identity-stage.js';
import type { ListenerConfig, ListenerConfigs } from './listener-config.js';
import type { ListenerContext, ListenerIdentity } from './listener-context.js';
import { StreamStage } from './stream/stream-connection.js';
import { StreamListener } from './stream/stream-listener.js';
import { TlsStage } from './tls/tls-stage.js';
import { UdpListener } from './udp/udp-listener.js';
import { WsStage } from './websocket/ws-stage.js';

export type { ListenerContext } from './listener-context.js';

type Factory<Config> = (identity: ListenerIdentity, config: Config, context: ListenerContext) => Listener;

/** What each kind of listener is made of. */
const FACTORIES: { readonly [type in TransportType]: Factory<ListenerConfigs[type]> } = {
  tcp: (identity, config, context) =>
    new StreamListener(identity, config, context, (site, arrivals) =>
      identified(arrivals, config, new StreamStage(site)),
    ),
  tls: (identity, config, context) =>
    new StreamListener(identity, config, context, (site, arrivals) => {
      const next = identified(arrivals, config, new StreamStage(site));
      return new TlsStage(arrivals, config, identity.configKey, context, next);
    }),
  ws: (identity, config, context) =>
    new StreamListener(identity, config, context, (site, arrivals) =>
      identified(arrivals, config, new WsStage(arrivals, config, site)),
    ),
  wss: (identity, config, context) =>
    new StreamListener(identity, config, context, (site, arrivals) => {
      const next = identified(arrivals, config, new WsStage(arrivals, config, site));
      return new TlsStage(arrivals, config, identity.configKey, context, next);
    }),
  udp: (identity, config, context) => new UdpListener(identity, config, context),
  dtls: (identity, config, context) => new DtlsListener(identity, config, context),
};

/**
 * Makes a listener; it opens its port at `start`.
 *
 * @param fullName `<gateway>:<type>:<id>`, such as `mqtt:tcp:default`
 * @param configKey path of its section of the configuration, such as `gateways.mqtt.listeners.tcp.default`
 * @param config that section, of this type, as `listenersConfigSchema` gives it
 * @throws PorticoError `PORTICO_ERR_TLS_FILE`, `PORTICO_ERR_CONFIG` for files and keys of TLS and DTLS listeners
 */
export function createListener(
  type: TransportType,
  fullName: string,
  configKey: string,
  config: ListenerConfig,
  context: ListenerContext,
): Listener {
  const create = FACTORIES[type] as Factory<ListenerConfig>;
  return create(
    { name: fullName, gateway: fullName.split(':', 1).join(), transport: type, configKey },
    config,
    context,
  );
}
