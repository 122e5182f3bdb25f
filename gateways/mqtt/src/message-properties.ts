import { isUtf8 } from 'node:buffer';
import type { PublishProperties, WillProperties } from '@portico/codec-mqtt';
import type { MessageProperties } from '@portico/core';

/** Whether a payload that says it is UTF-8 text is none, MQTT 5 §3.3.2.3.2. */
export function breaksItsFormat(
  payload: Buffer,
  properties: Pick<PublishProperties, 'payloadFormatIndicator'> | undefined,
): boolean {
  return properties?.payloadFormatIndicator === 1 && !isUtf8(payload);
}

/** The properties of a received PUBLISH that travel on with the message: all but its topic alias. */
export function publicationProperties(properties: PublishProperties): MessageProperties | undefined {
  for (const name in properties) {
    if (name === 'topicAlias') continue;
    const { topicAlias, ...message } = properties;
    return message;
  }
  return undefined;
}

/** The properties of a will that travel with it when it is published: all but its delay. */
export function willProperties(properties: WillProperties | undefined): MessageProperties | undefined {
  if (properties === undefined) return undefined;
  const { willDelayInterval, ...message } = properties;
  return message;
}

/**
 * The properties of a PUBLISH to a client.
 * @param remainingExpiry seconds; undefined when the message never expires
 */
export function deliveryProperties(
  message: MessageProperties | undefined,
  remainingExpiry: number | undefined,
  topicAlias: number | undefined,
  subscriptionIdentifiers: readonly number[] | undefined,
): PublishProperties {
  const properties: { -readonly [Name in keyof PublishProperties]: PublishProperties[Name] } = { ...message };
  if (remainingExpiry !== undefined) properties.messageExpiryInterval = remainingExpiry;
  if (topicAlias !== undefined) properties.topicAlias = topicAlias;
  if (subscriptionIdentifiers !== undefined) properties.subscriptionIdentifiers = subscriptionIdentifiers;
  return properties;
}
