import { keepBytes } from '@portico/coap-endpoint';
import { jsonObject } from './json.js';
import type { Registration } from './registration.js';

/**
 * The message that tells applications that a device has registered, or updated its registration, as JSON: the members
 * of objects in the order of their names, last to first, as the reference has them.
 */
export function registrationMessage(
  msgType: 'register' | 'update',
  endpoint: string,
  registration: Registration,
): Buffer {
  const { objects, lifetime: lt, lwm2m, binding: b, sms, queue, others } = registration;
  const data: (readonly [name: string, value: unknown])[] = [
    ...others,
    ['alternatePath', objects.alternatePath],
    ['ep', endpoint],
    ['lt', lt],
    ['lwm2m', lwm2m],
    ['objectList', objects.paths],
  ];
  if (b !== undefined) data.push(['b', b]);
  if (sms !== undefined) data.push(['sms', sms]);
  if (queue) data.push(['Q', true]);
  const text = jsonObject([
    ['msgType', JSON.stringify(msgType)],
    ['data', jsonObject(data.map(([name, value]) => [name, JSON.stringify(value)]))],
  ]);
  // It may be retained, or wait for its subscribers.
  return keepBytes(Buffer.from(text));
}
