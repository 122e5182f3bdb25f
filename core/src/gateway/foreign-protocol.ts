/** What else peers speak that have come to the wrong port, and how to tell it by the first bytes. */
interface Sign {
  /** Name of the gateway that the bytes would be right for. */
  readonly gateway?: string;
  readonly begins: (bytes: Buffer) => boolean;
  readonly hint: string;
}

const HTTP_METHODS = ['GET ', 'POST ', 'PUT ', 'HEAD ', 'OPTIONS '];
/** Behind the fixed header: protocol names of MQTT 3.1.1 and 5, and of 3.1, with their lengths. */
const MQTT_NAMES = ['\0\x04MQTT', '\0\x06MQIsdp'];
const MQTT_CONNECT = 0x10;
/** Fixed header with four bytes of remaining length, length of the name, `MQIsdp`. */
const MQTT_HEAD = 5 + 2 + 6;

const SIGNS: readonly Sign[] = [
  // RFC 8446 §5.1: a handshake record of any version.
  { begins: startsWith(0x16, 0x03), hint: 'a TLS hello on a plain listener: use a tls listener' },
  // RFC 9147 §4, RFC 6347 §4.1.
  { begins: startsWith(0x16, 0xfe), hint: 'a DTLS hello on a plain listener: use a dtls listener' },
  {
    begins: (bytes) => HTTP_METHODS.some((method) => method === bytes.toString('latin1', 0, method.length)),
    hint: 'an HTTP request: WebSocket clients need a ws listener',
  },
  { gateway: 'mqtt', begins: isMqttConnect, hint: 'an MQTT CONNECT: use a listener of the mqtt gateway' },
];

function startsWith(...start: readonly number[]): (bytes: Buffer) => boolean {
  return (bytes) => start.every((byte, index) => bytes[index] === byte);
}

function isMqttConnect(bytes: Buffer): boolean {
  const head = bytes.toString('latin1', 0, MQTT_HEAD);
  return bytes[0] === MQTT_CONNECT && MQTT_NAMES.some((name) => head.includes(name));
}

/**
 * What a peer seems to speak whose first bytes are nothing that the gateway knows, and what it should do.
 * @param gateway name of the gateway that it has come to
 */
export function foreignProtocolHint(bytes: Buffer, gateway: string): string | undefined {
  return SIGNS.find((sign) => sign.gateway !== gateway && sign.begins(bytes))?.hint;
}
