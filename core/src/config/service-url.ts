import { z } from 'zod';
import { MASK } from './secrets.js';

/** Where a service is that is asked by HTTP. Name and password in it, `http://name:password@host`, are for HTTP Basic. */
export function serviceUrl() {
  return z.url({ protocol: /^https?$/ }).meta({ title: 'URL of http or https' });
}

/** How a service is asked. */
export interface ServiceTarget {
  /** Without name and password: it may be shown. */
  readonly url: string;
  /** `authorization`, where the URL has a name or a password. */
  readonly headers: Readonly<Record<string, string>>;
}

/** @param given a URL, as {@link serviceUrl} lets it through */
export function serviceTarget(given: string): ServiceTarget {
  const url = new URL(given);
  const { username, password } = url;
  if (username === '' && password === '') return { url: given, headers: {} };
  url.username = '';
  url.password = '';
  const credentials = `${unescaped(username)}:${unescaped(password)}`;
  return {
    url: url.href,
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
  };
}

/** A percent sign that begins no escape stands for itself, as URLs have it. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Scheme and name before a password in a URL. */
const PASSWORD_OF_URL = /^([a-z][a-z\d+.-]*:\/\/[^/?#:\s]*:)[^/?#\s]*@/i;

/** A text as it may be shown: where it is a URL with a password, that is masked. */
export function withoutPassword(text: string): string {
  return text.replace(PASSWORD_OF_URL, `$1${MASK}@`);
}
