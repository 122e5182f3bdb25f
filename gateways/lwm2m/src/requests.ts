export type {
  IncomingResponse as RequestResponse,
  OutgoingRequest,
  RequestFailure,
  RequestHandle as PendingRequest,
  ResponseHandler,
} from '@portico/coap-endpoint';
