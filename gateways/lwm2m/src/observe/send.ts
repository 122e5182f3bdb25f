import { CHANGED, type CoapRequest, failure, type Response } from '@portico/coap-endpoint';
import { ContentFormat, ResponseCode } from '@portico/codec-coap';
import { decodePayload, type Lwm2mPath } from '@portico/codec-lwm2m';
import { FrameError } from '@portico/frame';
import { valuesOf } from '../commands/answer-content.js';
import { messageText } from '../commands/answers.js';
import type { CommandServices } from '../commands/command-services.js';
import { profileOf } from '../commands/device-profile.js';
import { rememberValues } from '../commands/device-reading.js';
import type { Device } from '../device.js';

/** Formats of Send, LwM2M 1.2 §6.5.3. */
const FORMATS: ReadonlySet<number | undefined> = new Set([ContentFormat.SenmlCbor, ContentFormat.SenmlJson]);
const ROOT: Lwm2mPath = [];

const NOT_UNDERSTOOD = failure(ResponseCode.BadRequest, 'no SenML that can be understood');
const UNSUPPORTED = failure(ResponseCode.UnsupportedContentFormat, 'SenML CBOR or SenML JSON');

/** Send, LwM2M 1.2 §6.5.3: a device tells values on its own. @param request with its whole payload */
export function takeSend(device: Device, request: CoapRequest, shared: CommandServices): Response {
  const answer = tell(device, request, shared);
  const counter = answer === CHANGED ? 'sends.received' : 'sends.refused';
  shared.counters[counter].value++;
  return answer;
}

function tell(device: Device, { contentFormat, payload }: CoapRequest, shared: CommandServices): Response {
  if (contentFormat === undefined || !FORMATS.has(contentFormat)) return UNSUPPORTED;
  const { typeOf } = profileOf(device.registration, shared.types);
  try {
    const nodes = decodePayload(contentFormat, ROOT, payload, typeOf);
    const now = shared.clock.now();
    rememberValues(device, nodes, now);
    const data = { content: valuesOf(nodes, { typeOf, encoding: 'base64', now }) };
    device.publish('notify', messageText({ msgType: 'send', data }));
    return CHANGED;
  } catch (error) {
    if (error instanceof FrameError) return NOT_UNDERSTOOD;
    throw error;
  }
}
