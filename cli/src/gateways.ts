import type { GatewayDefinition } from '@portico/core';
import { coapGateway } from '@portico/gateway-coap';
import { tcpGateway } from '@portico/gateway-tcp';

/** All gateways that are shipped; the configuration says which of them run. */
export const GATEWAYS: readonly GatewayDefinition[] = [coapGateway, tcpGateway];
