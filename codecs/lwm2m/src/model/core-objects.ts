type Versions = Readonly<Record<number, string>>;

/**
 * Versions of the core objects that are not 1.0, by the release of LwM2M that brought them: LwM2M 1.1.1 Core
 * appendix E, LwM2M 1.2.2 Core appendix E. Where 1.1 and 1.1.1 differ (objects 3 and 4), the later one counts.
 */
const CORE_VERSIONS: Readonly<Record<string, Versions>> = {
  '1.1': { 0: '1.1', 1: '1.1', 3: '1.1', 4: '1.2' },
  '1.2': { 0: '1.2', 1: '1.2', 2: '1.1', 3: '1.2', 4: '1.3', 5: '1.1', 21: '2.0' },
};

/**
 * The version of an object that a device means by naming none (LwM2M 1.2 Core §7.2.3): of a core object the one
 * of the device's release of LwM2M, of all others the initial one.
 * @param lwm2mVersion what the device registered with: `1.0`, `1.1`, `1.2`, `1.2.1`
 * @returns undefined for the initial version, which {@link ObjectModel.find} knows
 */
export function impliedVersion(objectId: number, lwm2mVersion: string): string | undefined {
  const [major, minor] = lwm2mVersion.split('.', 2);
  return CORE_VERSIONS[`${major}.${minor}`]?.[objectId];
}
