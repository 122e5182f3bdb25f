import { byMethod, failure, type Uploads } from '@portico/coap-endpoint';
import { Method, ResponseCode } from '@portico/codec-coap';
import type { Lwm2mHandler } from '../channel.js';
import { assembled } from '../registration-resource.js';

/** Where devices send values to on their own, LwM2M 1.2 Transport §6.4.5. */
export const SEND_PATH = 'dp';

const NOT_REGISTERED = failure(ResponseCode.NotFound, 'no device is registered from here, or more than one');

/** `/dp`. A message there does not say whose it is: its peer has to have one device. */
export function sendResource(uploads: Uploads): Lwm2mHandler {
  return byMethod({
    [Method.POST]: assembled(uploads, (request, channel) => {
      const [device, another] = channel.devices;
      if (device === undefined || another !== undefined) return NOT_REGISTERED;
      channel.serves(device);
      return device.control?.sent(request) ?? NOT_REGISTERED;
    }),
  });
}
