import type { Lwm2mPath } from '@portico/codec-lwm2m';

/** Ids of the resources of an object by which a device is brought new software. */
export interface FirmwareObject {
  /** Package: the software itself is written there. */
  readonly package: number;
  /** Package URI: from where the device is to fetch it. */
  readonly uri: number;
  readonly state: number;
  readonly result: number;
}

/** Firmware Update (LwM2M 1.2 Core, annex E.6) and Software Management (OMA-TS-LWM2M_SwMgmt 1.0), by object id. */
const OBJECTS: ReadonlyMap<number | undefined, FirmwareObject> = new Map([
  [5, { package: 0, uri: 1, state: 3, result: 5 }],
  [9, { package: 2, uri: 3, state: 7, result: 9 }],
]);

/** The object of a path such as `/5/0`; undefined where that is no instance of such an object. */
export function firmwareObject(path: Lwm2mPath): FirmwareObject | undefined {
  return path.length === 2 ? OBJECTS.get(path[0]) : undefined;
}
