/** The frame codec of MQTT 3.1, 3.1.1 and 5.0: bytes to packets and back, by the tables of the standards. */

export { MqttDecoder, type MqttDecoderOptions } from './decoder.js';
export { describe } from './describe.js';
export { encodePublish, PublishTemplate, publishSize } from './encode-publish.js';
export { encode, encodeToBuffer } from './encoder.js';
export { type ExplainOptions, explain } from './explain.js';
export { FAULT_REASON_CODES, MqttFault, type MqttFaultCode } from './mqtt-fault.js';
export * from './packet.js';
export { EncodeError } from './packet-writer.js';
export type { PropertiesOf, PropertyCarrier } from './property-table.js';
export { ReasonCode, ReturnCode, reasonCodeName, SUBACK_FAILURE } from './reason-codes.js';
