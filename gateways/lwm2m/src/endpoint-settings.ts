import {
  type BlockSettings,
  blockSettings,
  type CoapEndpointConfig,
  type CoapRequestConfig,
  ExchangeBudget,
  type MessageLayerSettings,
  type RequestSettings,
  requestSettings,
  Transfers,
  transmissionParameters,
} from '@portico/coap-endpoint';
import type { GatewayContext } from '@portico/core';
import type { Lwm2mMetrics } from './counters.js';

/** What the CoAP endpoints of all peers share. */
export interface EndpointSettings {
  readonly layer: MessageLayerSettings;
  readonly blocks: BlockSettings;
  readonly transfers: Transfers;
  readonly requesting: RequestSettings;
}

/** The configured bounds and times, with what they need of the hub. */
export function endpointSettings(
  { clock, timers }: GatewayContext,
  config: CoapEndpointConfig & CoapRequestConfig,
  { endpoint: counters, requests }: Pick<Lwm2mMetrics, 'endpoint' | 'requests'>,
): EndpointSettings {
  const blocks = blockSettings(config, { clock, timers, counters });
  return {
    layer: {
      clock,
      timers,
      counters,
      duplicateResponses: requests['responses.duplicate'],
      parameters: transmissionParameters(config),
      maxExchanges: config.max_exchanges,
      exchangeBudget: new ExchangeBudget(config.max_exchanges_total),
      maxWaiting: config.max_requests,
    },
    blocks,
    transfers: new Transfers(blocks),
    requesting: requestSettings(config, blocks, requests),
  };
}
