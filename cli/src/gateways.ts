import type { GatewayDefinition } from '@portico/core';
import { coapGateway } from '@portico/gateway-coap';
import { gbt32960Gateway } from '@portico/gateway-gbt32960';
import { jt808Gateway } from '@portico/gateway-jt808';
import { lwm2mBootstrapGateway, lwm2mGateway } from '@portico/gateway-lwm2m';
import { mqttGateway } from '@portico/gateway-mqtt';
import { mqttSnGateway } from '@portico/gateway-mqttsn';
import { stompGateway } from '@portico/gateway-stomp';
import { tcpGateway } from '@portico/gateway-tcp';

/** All gateways that are shipped; the configuration says which of them run. */
export const GATEWAYS: readonly GatewayDefinition[] = [
  mqttGateway,
  mqttSnGateway,
  coapGateway,
  lwm2mGateway,
  lwm2mBootstrapGateway,
  stompGateway,
  jt808Gateway,
  tcpGateway,
  gbt32960Gateway,
];
