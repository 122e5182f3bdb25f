import type { PacketType } from './packet.js';

/** One reason code, MQTT 5 §2.4. */
interface ReasonCodeRow {
  readonly code: number;
  /** As the standard prints it. */
  readonly name: string;
  /** The packets that may carry it. */
  readonly packets: readonly PacketType[];
}

const PUBLISH_ACKS = ['puback', 'pubrec'] as const;
const REQUEST_ACKS = [...PUBLISH_ACKS, 'suback', 'unsuback'] as const;
const ENDS = ['connack', 'disconnect'] as const;

/** MQTT 5 table 2-6, with the packets of the tables in §3. */
const TABLE = {
  success: {
    code: 0x00,
    name: 'Success',
    packets: ['connack', ...PUBLISH_ACKS, 'pubrel', 'pubcomp', 'unsuback', 'auth'],
  },
  normalDisconnection: { code: 0x00, name: 'Normal disconnection', packets: ['disconnect'] },
  grantedQos0: { code: 0x00, name: 'Granted QoS 0', packets: ['suback'] },
  grantedQos1: { code: 0x01, name: 'Granted QoS 1', packets: ['suback'] },
  grantedQos2: { code: 0x02, name: 'Granted QoS 2', packets: ['suback'] },
  disconnectWithWillMessage: { code: 0x04, name: 'Disconnect with Will Message', packets: ['disconnect'] },
  noMatchingSubscribers: { code: 0x10, name: 'No matching subscribers', packets: PUBLISH_ACKS },
  noSubscriptionExisted: { code: 0x11, name: 'No subscription existed', packets: ['unsuback'] },
  continueAuthentication: { code: 0x18, name: 'Continue authentication', packets: ['auth'] },
  reAuthenticate: { code: 0x19, name: 'Re-authenticate', packets: ['auth'] },
  unspecifiedError: { code: 0x80, name: 'Unspecified error', packets: [...ENDS, ...REQUEST_ACKS] },
  malformedPacket: { code: 0x81, name: 'Malformed Packet', packets: ENDS },
  protocolError: { code: 0x82, name: 'Protocol Error', packets: ENDS },
  implementationSpecificError: {
    code: 0x83,
    name: 'Implementation specific error',
    packets: [...ENDS, ...REQUEST_ACKS],
  },
  unsupportedProtocolVersion: { code: 0x84, name: 'Unsupported Protocol Version', packets: ['connack'] },
  clientIdentifierNotValid: { code: 0x85, name: 'Client Identifier not valid', packets: ['connack'] },
  badUserNameOrPassword: { code: 0x86, name: 'Bad User Name or Password', packets: ['connack'] },
  notAuthorized: { code: 0x87, name: 'Not authorized', packets: [...ENDS, ...REQUEST_ACKS] },
  serverUnavailable: { code: 0x88, name: 'Server unavailable', packets: ['connack'] },
  serverBusy: { code: 0x89, name: 'Server busy', packets: ENDS },
  banned: { code: 0x8a, name: 'Banned', packets: ['connack'] },
  serverShuttingDown: { code: 0x8b, name: 'Server shutting down', packets: ['disconnect'] },
  badAuthenticationMethod: { code: 0x8c, name: 'Bad authentication method', packets: ENDS },
  keepAliveTimeout: { code: 0x8d, name: 'Keep Alive timeout', packets: ['disconnect'] },
  sessionTakenOver: { code: 0x8e, name: 'Session taken over', packets: ['disconnect'] },
  topicFilterInvalid: {
    code: 0x8f,
    name: 'Topic Filter invalid',
    packets: ['suback', 'unsuback', 'disconnect'],
  },
  topicNameInvalid: { code: 0x90, name: 'Topic Name invalid', packets: [...ENDS, ...PUBLISH_ACKS] },
  packetIdentifierInUse: { code: 0x91, name: 'Packet Identifier in use', packets: REQUEST_ACKS },
  packetIdentifierNotFound: {
    code: 0x92,
    name: 'Packet Identifier not found',
    packets: ['pubrel', 'pubcomp'],
  },
  receiveMaximumExceeded: { code: 0x93, name: 'Receive Maximum exceeded', packets: ['disconnect'] },
  topicAliasInvalid: { code: 0x94, name: 'Topic Alias invalid', packets: ['disconnect'] },
  packetTooLarge: { code: 0x95, name: 'Packet too large', packets: ENDS },
  messageRateTooHigh: { code: 0x96, name: 'Message rate too high', packets: ['disconnect'] },
  quotaExceeded: { code: 0x97, name: 'Quota exceeded', packets: [...ENDS, ...PUBLISH_ACKS, 'suback'] },
  administrativeAction: { code: 0x98, name: 'Administrative action', packets: ['disconnect'] },
  payloadFormatInvalid: { code: 0x99, name: 'Payload format invalid', packets: [...ENDS, ...PUBLISH_ACKS] },
  retainNotSupported: { code: 0x9a, name: 'Retain not supported', packets: ENDS },
  qosNotSupported: { code: 0x9b, name: 'QoS not supported', packets: ENDS },
  useAnotherServer: { code: 0x9c, name: 'Use another server', packets: ENDS },
  serverMoved: { code: 0x9d, name: 'Server moved', packets: ENDS },
  sharedSubscriptionsNotSupported: {
    code: 0x9e,
    name: 'Shared Subscriptions not supported',
    packets: ['suback', 'disconnect'],
  },
  connectionRateExceeded: { code: 0x9f, name: 'Connection rate exceeded', packets: ENDS },
  maximumConnectTime: { code: 0xa0, name: 'Maximum connect time', packets: ['disconnect'] },
  subscriptionIdentifiersNotSupported: {
    code: 0xa1,
    name: 'Subscription Identifiers not supported',
    packets: ['suback', 'disconnect'],
  },
  wildcardSubscriptionsNotSupported: {
    code: 0xa2,
    name: 'Wildcard Subscriptions not supported',
    packets: ['suback', 'disconnect'],
  },
} as const satisfies Readonly<Record<string, ReasonCodeRow>>;

type ReasonName = keyof typeof TABLE;

/** The reason codes of MQTT 5 by name. */
export const ReasonCode = Object.fromEntries(Object.entries(TABLE).map(([key, row]) => [key, row.code])) as {
  readonly [Name in ReasonName]: (typeof TABLE)[Name]['code'];
};

/** The return codes of CONNACK before MQTT 5, MQTT 3.1.1 table 3.1. */
export const ReturnCode = {
  accepted: 0,
  unacceptableProtocolVersion: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
} as const;

/** The one return code of SUBACK that means failure, MQTT 3.1.1 §3.9.3. */
export const SUBACK_FAILURE = 0x80;

const NAMES = new Map<PacketType, Map<number, string>>();
for (const row of Object.values<ReasonCodeRow>(TABLE)) {
  for (const packet of row.packets) {
    const names = NAMES.get(packet) ?? new Map<number, string>();
    NAMES.set(packet, names.set(row.code, row.name));
  }
}

/** The standard's name of a reason code in a packet; undefined when that packet may not carry it. */
export function reasonCodeName(packet: PacketType, code: number): string | undefined {
  return NAMES.get(packet)?.get(code);
}
