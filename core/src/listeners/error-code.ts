/** `ECONNRESET`, `ERR_SSL_…` or, where an error has no code, its name. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code ?? error.name;
}
