import { codeName, codeText, EMPTY_CODE, isRequest } from './codes.js';
import { mediaType } from './content-formats.js';
import { type CoapMessage, typeName } from './message.js';
import type { CoapOption } from './option.js';
import { OptionNumber, optionDefinition, stringsOf } from './options.js';

const NOTHING: ReadonlySet<string> = new Set();

/**
 * One line for people: `CON PUT mid=0x1234 token=01 /mqtt/a/b?c=dev1 payload=4`,
 * `ACK 2.05 Content mid=0x1234 token=01 Observe=3 payload=9`.
 * @param secretQueries names of query parameters (`p` in `p=…`) whose values are not shown
 */
export function describe(message: CoapMessage, secretQueries: ReadonlySet<string> = NOTHING): string {
  const parts = [typeName(message.type), codeLabel(message.code), `mid=${hex16(message.messageId)}`];
  if (message.token.length > 0) parts.push(`token=${message.token.toString('hex')}`);
  if (isRequest(message.code)) parts.push(describeUri(message, secretQueries));
  for (const option of message.options) {
    if (option.number !== OptionNumber.UriPath && option.number !== OptionNumber.UriQuery) {
      parts.push(describeOption(option));
    }
  }
  if (message.payload.length > 0) parts.push(`payload=${message.payload.length}`);
  return parts.join(' ');
}

function codeLabel(code: number): string {
  const name = codeName(code);
  if (name === undefined) return codeText(code);
  return code === EMPTY_CODE || isRequest(code) ? name : `${codeText(code)} ${name}`;
}

function hex16(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`;
}

function describeUri(message: CoapMessage, secretQueries: ReadonlySet<string>): string {
  const path = stringsOf(message, OptionNumber.UriPath).map(encodeURIComponent).join('/');
  const queries = stringsOf(message, OptionNumber.UriQuery).map((query) => hideSecret(query, secretQueries));
  return queries.length === 0 ? `/${path}` : `/${path}?${queries.join('&')}`;
}

function hideSecret(query: string, secretQueries: ReadonlySet<string>): string {
  const equals = query.indexOf('=');
  if (equals < 0) return printable(query);
  const name = query.slice(0, equals);
  return secretQueries.has(name) ? `${name}=***` : printable(query);
}

function describeOption(option: CoapOption): string {
  const definition = optionDefinition(option.number);
  if (definition === undefined) return `${option.number}=0x${option.value.toString('hex')}`;
  switch (definition.format) {
    case 'empty':
      return definition.name;
    case 'opaque':
      return `${definition.name}=0x${option.value.toString('hex')}`;
    case 'string':
      return `${definition.name}=${printable(option.text)}`;
    case 'uint':
      return `${definition.name}=${describeUint(option)}`;
  }
}

function describeUint(option: CoapOption): string {
  const value = option.uint;
  const isFormat = option.number === OptionNumber.ContentFormat || option.number === OptionNumber.Accept;
  return (isFormat ? mediaType(value) : undefined) ?? String(value);
}

/** Text on one line: control characters and blanks as JSON writes them. */
function printable(text: string): string {
  return /^[^\s\p{C}]*$/u.test(text) ? text : JSON.stringify(text);
}
