import type { Headers, StompFrame } from '@portico/codec-stomp';
import type { Message, MessageProperties, Publication, QoS } from '@portico/core';

/** What a header of SEND that the gateway knows may say. */
const QOS: Readonly<Record<string, QoS>> = { '0': 0, '1': 1, '2': 2 };

/** Headers of SEND that say something of the frame, or how it is published: they do not travel with the message. */
const OF_FRAME: ReadonlySet<string> = new Set([
  'destination',
  'receipt',
  'transaction',
  'content-length',
  'qos',
  'retain',
]);

/** Headers of MESSAGE that the gateway writes: user properties of these names would contradict them. */
const OWN: ReadonlySet<string> = new Set([
  ...OF_FRAME,
  'content-type',
  'reply-to',
  'correlation-id',
  'message-expiry-interval',
  'subscription',
  'message-id',
  'ack',
  'redelivered',
  'heart-beat',
]);

/** A header whose value is not allowed. */
export interface WrongHeader {
  readonly wrong: string;
}

/**
 * What a SEND publishes.
 * @param defaultQos without a header `qos`
 */
export function publicationOf(
  { headers, body }: StompFrame,
  topic: string,
  defaultQos: QoS,
): Publication | WrongHeader {
  const asked = headers.get('qos');
  const qos = asked === undefined ? defaultQos : QOS[asked];
  if (qos === undefined) return { wrong: 'qos is 0, 1 or 2' };
  const expiry = headers.get('message-expiry-interval');
  if (expiry !== undefined && !isSeconds(expiry)) {
    return { wrong: 'message-expiry-interval is a number of seconds up to 4294967295' };
  }
  const retain = headers.get('retain') === 'true';
  return { topic, payload: body, qos, retain, properties: propertiesOf(headers) };
}

function isSeconds(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) <= 0xffffffff;
}

/** Undefined when there are none. */
function propertiesOf(headers: Headers): MessageProperties | undefined {
  const { flat } = headers;
  let properties: Properties | undefined;
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at] as string;
    if (OF_FRAME.has(name)) continue;
    properties ??= {};
    addProperty(properties, name, flat[at + 1] as string);
  }
  return properties;
}

type Properties = {
  -readonly [Name in keyof MessageProperties]: MessageProperties[Name];
} & { userProperties?: [string, string][] };

function addProperty(properties: Properties, name: string, value: string): void {
  if (name === 'content-type') properties.contentType ??= value;
  else if (name === 'reply-to') properties.responseTopic ??= value;
  else if (name === 'correlation-id') properties.correlationData ??= Buffer.from(value);
  else if (name === 'message-expiry-interval') properties.messageExpiryInterval ??= Number(value);
  else {
    properties.userProperties ??= [];
    properties.userProperties.push([name, value]);
  }
}

/**
 * The headers of a MESSAGE that tell of the message: names and values in turn.
 * @param retain whether it is the retained message of its topic, and not one that has just been published
 */
export function messageHeaders(
  { properties }: Message,
  remainingExpiry: number | undefined,
  retain: boolean,
): string[] {
  const flat: string[] = [];
  if (retain) flat.push('retain', 'true');
  if (properties === undefined) return flat;
  const { contentType, responseTopic, correlationData, userProperties = [] } = properties;
  if (contentType !== undefined) flat.push('content-type', contentType);
  if (responseTopic !== undefined) flat.push('reply-to', responseTopic);
  if (correlationData !== undefined) flat.push('correlation-id', correlationData.toString());
  if (remainingExpiry !== undefined) flat.push('message-expiry-interval', String(remainingExpiry));
  for (const [name, value] of userProperties) {
    if (name !== '' && !OWN.has(name)) flat.push(name, value);
  }
  return flat;
}
