import type { Explainer } from '@portico/core';

/**
 * What tells of the frames of each gateway, by its name, in the order of {@link GATEWAYS}: loaded only when it is asked for, since
 * all gateways take half a second of a processor to load.
 */
export const EXPLAINERS: ReadonlyMap<string, () => Promise<Explainer>> = new Map([
  ['mqtt', async () => (await import('@portico/gateway-mqtt/explainer')).mqttExplainer],
  ['mqttsn', async () => (await import('@portico/gateway-mqttsn/explainer')).snExplainer],
  ['coap', async () => (await import('@portico/gateway-coap/explainer')).coapExplainer],
  ['lwm2m', async () => (await import('@portico/gateway-lwm2m/explainer')).lwm2mExplainer],
  ['lwm2mbootstrap', async () => (await import('@portico/gateway-lwm2m/explainer')).lwm2mExplainer],
  ['stomp', async () => (await import('@portico/gateway-stomp/explainer')).stompExplainer],
  ['jt808', async () => (await import('@portico/gateway-jt808/explainer')).jt808Explainer],
  ['tcp', async () => (await import('@portico/gateway-tcp/explainer')).tcpExplainer],
  ['gbt32960', async () => (await import('@portico/gateway-gbt32960/explainer')).gbt32960Explainer],
]);
