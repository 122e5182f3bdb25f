/** Slashes in disguise: a server may resolve them after the prefix has been looked at. */
const HIDDEN_SLASH = /%2f|%5c/i;

/**
 * The URL of a package, resolved.
 * @param prefixes one of which it has to have: the same origin, and a path at or below
 * @returns undefined when it may not be fetched
 */
export function allowedUrl(text: string, prefixes: readonly string[]): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || HIDDEN_SLASH.test(url.pathname)) return undefined;
  url.hash = '';
  const allowed = prefixes.some((prefix) => {
    const { origin, pathname } = new URL(prefix);
    return url.origin === origin && url.pathname.startsWith(pathname);
  });
  return allowed ? url.href : undefined;
}
