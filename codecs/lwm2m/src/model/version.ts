const VERSION = /^(\d{1,5})\.(\d{1,5})$/;

/** Whether a text is a version `major.minor` of at most five digits each (LwM2M 1.2 Core §7.2.1). */
export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/** The number before the point; NaN when the text is no version. */
export function majorOf(version: string): number {
  return Number(VERSION.exec(version)?.[1]);
}

/** Below 0 when `a` is the lower version, above when it is the higher one, 0 for the same or for no versions. */
export function compareVersions(a: string, b: string): number {
  const [, majorA, minorA] = VERSION.exec(a) ?? [];
  const [, majorB, minorB] = VERSION.exec(b) ?? [];
  return Number(majorA) - Number(majorB) || Number(minorA) - Number(minorB) || 0;
}
