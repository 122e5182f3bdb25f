/** What gateways over CoAP share: the message layer, requests both ways, and payloads in blocks. */
export {};
