import { isColorSupported, prettyFactory } from 'pino-pretty';

/** `2026-11-20 12:00:00.123 WARN: message key=value` in local time. */
const TIME_FORMAT = 'SYS:yyyy-mm-dd HH:MM:ss.l';

/** Text that needs no quotes as a value. */
const PLAIN = /^[\w.:/@+#$%*-]+$/;

/** Makes a line for people out of a JSON line of pino. */
export function textFormatter(colours: boolean): (json: string) => string {
  const pretty = prettyFactory({
    colorize: colours && isColorSupported,
    hideObject: true,
    translateTime: TIME_FORMAT,
    customPrettifiers: { time: (time) => String(time) },
    messageFormat: (line) => String(line.msg),
  });
  return (json) => {
    const { level, time, msg, ...fields } = JSON.parse(json);
    return pretty({ level, time, msg: message(String(msg ?? ''), fields) });
  };
}

/** The message, the fields as `key=value`, and below them the stack of an error. */
function message(text: string, fields: Readonly<Record<string, unknown>>): string {
  const parts = [escapeControls(text)];
  let stack = '';
  for (const [key, value] of Object.entries(fields)) {
    if (isError(value)) stack += indented(value.stack);
    else parts.push(`${key}=${fieldText(value)}`);
  }
  return parts.join(' ') + stack;
}

function fieldText(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value)) return value;
  return escapeControls(JSON.stringify(value));
}

/** An error as pino writes it. */
function isError(value: unknown): value is { readonly stack: string } {
  return typeof value === 'object' && value !== null && 'stack' in value && typeof value.stack === 'string';
}

function indented(stack: string): string {
  return stack
    .split('\n')
    .map((line) => `\n    ${escapeControls(line.trim())}`)
    .join('');
}

/** What a peer sent may be part of a line: it must not begin a line of its own or move the cursor. */
function escapeControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (control) => {
    return control === '\n' ? '\\n' : `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
