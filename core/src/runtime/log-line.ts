import { styleText } from 'node:util';
import { shortened } from './log-limits.js';
import { timeFormatter } from './log-time.js';
import type { LogFields, LogLevel } from './logger.js';

const COLOURS = {
  trace: 'gray',
  debug: 'blue',
  info: 'green',
  warn: 'yellow',
  error: 'red',
  fatal: 'bgRed',
} as const satisfies Record<LogLevel, string>;

/** Text that needs no quotes as a value. */
const PLAIN = /^[\w.:/@+#$%*-]+$/;

/** Makes a line for people. @param time milliseconds since 1970 */
export type TextFormatter = (level: LogLevel, time: number, message: string, fields: LogFields) => string;

/** What lines for people look like. */
export interface TextStyle {
  readonly colours: boolean;
  /** See {@link timeFormatter}. */
  readonly timeFormat: string;
  /** Whether the stack of an error stands in the line, not on lines of its own below it. */
  readonly singleLine: boolean;
  /** Characters behind the level that there are at most. */
  readonly charsLimit: number;
}

/** Lines look like `2026-11-20 12:00:00.123 WARN: message key=value`, in local time. */
export function textFormatter({ colours, timeFormat, singleLine, charsLimit }: TextStyle): TextFormatter {
  const timeText = timeFormatter(timeFormat);
  return (level, time, message, fields) => {
    const text = shortened(withFields(message, fields, singleLine), charsLimit);
    return `${timeText(time)} ${levelText(level, colours)}: ${text}\n`;
  };
}

function levelText(level: LogLevel, colours: boolean): string {
  const text = level.toUpperCase();
  return colours ? styleText(COLOURS[level], text) : text;
}

/** The message, the fields as `key=value`, and below them the stack of an error. */
function withFields(message: string, fields: LogFields, singleLine: boolean): string {
  let text = escapeControls(message);
  let stack = '';
  for (const key in fields) {
    const value = fields[key];
    if (value instanceof Error && !singleLine) stack += indented(value.stack ?? String(value));
    else if (value !== undefined) text += ` ${key}=${fieldText(value)}`;
  }
  return text + stack;
}

function fieldText(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value)) return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const shown = value instanceof Error ? (value.stack ?? String(value)) : value;
  return escapeControls(JSON.stringify(shown));
}

function indented(stack: string): string {
  return stack
    .split('\n')
    .map((line) => `\n    ${escapeControls(line.trim())}`)
    .join('');
}

const CONTROL = /\p{Cc}/u;

/** What a peer sent may be part of a line: it must not begin a line of its own or move the cursor. */
export function escapeControls(text: string): string {
  if (!CONTROL.test(text)) return text;
  return text.replaceAll(/\p{Cc}/gu, (control) => {
    return control === '\n' ? '\\n' : `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
