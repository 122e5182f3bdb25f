import { PackageError } from './package-error.js';

/** What a download has to keep to. */
export interface DownloadLimits {
  /** Bytes. */
  readonly maxSize: number;
  readonly signal: AbortSignal;
  /** Makes room. @throws PackageError when there is none */
  reserve(size: number): void;
  release(size: number): void;
}

/**
 * Downloads a package over HTTP, without following redirects. What it returns has room reserved, by its length.
 * @throws PackageError for whatever goes wrong
 */
export async function download(url: string, limits: DownloadLimits): Promise<Buffer> {
  try {
    const response = await fetch(url, {
      redirect: 'error',
      signal: limits.signal,
      headers: { 'accept-encoding': 'identity' },
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new PackageError(`the package cannot be downloaded: HTTP ${response.status}`);
    }
    return await readBody(response.body, response.headers.get('content-length'), limits);
  } catch (error) {
    if (error instanceof PackageError) throw error;
    throw new PackageError(`the package cannot be downloaded: ${causeOf(error)}`);
  }
}

async function readBody(
  body: ReadableStream<Uint8Array>,
  contentLength: string | null,
  { maxSize, reserve, release }: DownloadLimits,
): Promise<Buffer> {
  const length = contentLength === null ? maxSize : Number(contentLength);
  if (!(length <= maxSize)) {
    await body.cancel();
    throw tooLarge(maxSize);
  }
  reserve(length);
  try {
    const bytes = await fill(Buffer.allocUnsafe(length), body);
    release(length - bytes.length);
    return bytes;
  } catch (error) {
    release(length);
    throw error;
  }
}

async function fill(room: Buffer, body: ReadableStream<Uint8Array>): Promise<Buffer> {
  let size = 0;
  for await (const chunk of body) {
    if (size + chunk.length > room.length) throw tooLarge(room.length);
    room.set(chunk, size);
    size += chunk.length;
  }
  if (size === 0) throw new PackageError('the package is empty');
  return size === room.length ? room : Buffer.from(room.subarray(0, size));
}

function tooLarge(limit: number): PackageError {
  return new PackageError(`the package is longer than ${limit} bytes`);
}

/** What `fetch` says is but that it failed; why is in the cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
