/** What a request shows of who it is from, HTTP Basic, RFC 7617 §2. */
export interface BasicCredentials {
  readonly id: string;
  readonly secret: string;
}

/** Reads the header `Authorization`; undefined when there are no such credentials in it. */
export function basicCredentials(header: string | undefined): BasicCredentials | undefined {
  const base64 = /^basic +([\w+/=-]+)$/i.exec(header ?? '')?.[1];
  if (base64 === undefined) return undefined;
  const text = Buffer.from(base64, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}
