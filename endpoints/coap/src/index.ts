/**
 * What gateways over CoAP share: the message layer, requests both ways, and payloads in blocks. A gateway makes once
 *
 * - its configuration: `...coapEndpointConfigShape`, and `...coapRequestConfigShape` if it sends requests,
 * - its counters: `endpointCounters`, and `requestCounters`,
 * - `transmissionParameters`, `blockSettings`, `requestSettings`, an `ExchangeBudget`, all of the configuration,
 * - a `RequestLayer` with its `Resources`, `Transfers`, and `messageCodec`,
 *
 * and for each peer, in its channel, a `MessageLayer` (with the channel as its `MessageLayerUser`) and, when the first
 * request is to be sent there, a `Requester`. See README.md.
 */
export { type BlockSettings, blockSettings } from './blocks/block-settings.js';
export {
  BAD_BLOCK,
  type BlockRequest,
  blockEnd,
  blockSize,
  firstBlock,
  isContinuation,
} from './blocks/blocks.js';
export { Bodies } from './blocks/bodies.js';
export type { Reader } from './blocks/body.js';
export { Transfers } from './blocks/transfers.js';
export { Uploads } from './blocks/uploads.js';
export {
  type CoapEndpointConfig,
  type CoapRequestConfig,
  coapEndpointConfigShape,
  coapRequestConfigShape,
} from './config.js';
export {
  type CounterOwner,
  type Counters,
  type EndpointCounters,
  endpointCounters,
  registered,
} from './counters.js';
export type { Confirmable, MessageBody, Outcome } from './messages/confirmable-sender.js';
export { ExchangeBudget } from './messages/exchange-budget.js';
export { keepBytes } from './messages/kept-bytes.js';
export { messageCodec } from './messages/message-codec.js';
export {
  MessageLayer,
  type MessageLayerSettings,
  type MessageLayerUser,
  type Rejectable,
} from './messages/message-layer.js';
export { Ping } from './messages/ping.js';
export { type TransmissionParameters, transmissionParameters } from './messages/transmission.js';
export { DEREGISTER, REGISTER } from './observe.js';
export { type RequestCounters, requestCounters } from './requesting/counters.js';
export type {
  IncomingResponse,
  OutgoingRequest,
  RequestFailure,
  RequestHandle,
  ResponseHandler,
} from './requesting/outgoing-request.js';
export { type RequestSettings, requestSettings } from './requesting/request-settings.js';
export { Requester } from './requesting/requester.js';
export { TokenSource } from './requesting/token-source.js';
export { type Discovery, type DiscoveryLink, discovery } from './serving/discovery.js';
export { EchoGuard } from './serving/echo-guard.js';
export { payloadTag } from './serving/entity-tag.js';
export { MulticastRequests } from './serving/multicast-requests.js';
export { RefusalLog } from './serving/refusal-log.js';
export { type CoapRequest, keepRequest, readRequest } from './serving/request.js';
export { type PayloadLimits, RequestLayer } from './serving/request-layer.js';
export { byMethod, type Handler, type RequestChannel, type Resources } from './serving/resource.js';
export {
  type Answer,
  CHANGED,
  CONTENT,
  failure,
  isSuccess,
  type Response,
  refused,
  refusedLogin,
  response,
  tooLarge,
  withOption,
} from './serving/response.js';
