import { blockEnd, blockSize, byMethod, CONTENT, failure } from '@portico/coap-endpoint';
import { ContentFormat, Method, OptionNumber, ResponseCode, uintOption } from '@portico/codec-coap';
import type { Lwm2mHandler } from '../channel.js';
import type { FirmwarePackage } from './package-store.js';

/** Where devices fetch packages from. */
export const FIRMWARE_PATH = 'fw';

const GONE = failure(ResponseCode.NotFound, 'there is no such package, or not any more');

/** Finds the packages that devices may fetch. */
export interface PackageFinder {
  find(id: string): FirmwarePackage | undefined;
}

/**
 * `/fw/<id of a package>/<name of who fetches it>`: whoever knows the id fetches the package, block by block
 * (RFC 7959 §2.4); the name is for telling how far that is.
 * @param maxBlockSize bytes of the largest block that is sent
 */
export function firmwareResource(packages: PackageFinder, maxBlockSize: number): Lwm2mHandler {
  return byMethod({
    [Method.GET]: (request) => {
      const [, id = '', name = ''] = request.path;
      const found = packages.find(id);
      if (found === undefined) return GONE;
      const { bytes: payload, etag, fetchers } = found;
      const end = blockEnd(request, maxBlockSize);
      const isThere = end - blockSize(request, maxBlockSize) < payload.length;
      if (isThere) fetchers.find(name)?.tell(Math.min(end, payload.length), payload.length);
      const format = uintOption(OptionNumber.ContentFormat, ContentFormat.OctetStream);
      return { ...CONTENT, options: [etag, format], payload };
    },
  });
}
