import { byMethod, CONTENT, failure } from '@portico/coap-endpoint';
import { ContentFormat, Method, OptionNumber, ResponseCode, uintOption } from '@portico/codec-coap';
import type { Lwm2mHandler } from '../channel.js';
import type { FirmwarePackage } from './package-store.js';

/** Where devices fetch packages from, by their ids. */
export const FIRMWARE_PATH = 'fw';

const GONE = failure(ResponseCode.NotFound, 'there is no such package, or not any more');

/** Finds the packages that devices may fetch. */
export interface PackageFinder {
  find(id: string): FirmwarePackage | undefined;
}

/** `/fw/<id>`: whoever knows the id of a package fetches it, block by block (RFC 7959 §2.4). */
export function firmwareResource(packages: PackageFinder): Lwm2mHandler {
  return byMethod({
    [Method.GET]: ({ path }) => {
      const found = packages.find(path[1] ?? '');
      if (found === undefined) return GONE;
      const { bytes: payload, etag } = found;
      const format = uintOption(OptionNumber.ContentFormat, ContentFormat.OctetStream);
      return { ...CONTENT, options: [etag, format], payload };
    },
  });
}
