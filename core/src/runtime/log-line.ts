import { styleText } from 'node:util';
import type { LogFields, LogLevel } from './logger.js';
import { localTimeText } from './time-text.js';

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

/** Lines look like `2026-11-20 12:00:00.123 WARN: message key=value`, in local time. */
export function textFormatter(colours: boolean): TextFormatter {
  const timeText = timeFormatter();
  return (level, time, message, fields) =>
    `${timeText(time)} ${levelText(level, colours)}: ${withFields(message, fields)}\n`;
}

function levelText(level: LogLevel, colours: boolean): string {
  const text = level.toUpperCase();
  return colours ? styleText(COLOURS[level], text) : text;
}

/** Formats milliseconds since 1970. All lines of a second share its text. */
function timeFormatter(): (time: number) => string {
  let second = Number.NaN;
  let text = '';
  return (time) => {
    const milliseconds = time % 1000;
    if (time - milliseconds !== second) {
      second = time - milliseconds;
      text = localTimeText(new Date(second));
    }
    return `${text}.${String(milliseconds).padStart(3, '0')}`;
  };
}

/** The message, the fields as `key=value`, and below them the stack of an error. */
function withFields(message: string, fields: LogFields): string {
  let text = escapeControls(message);
  let stack = '';
  for (const key in fields) {
    const value = fields[key];
    if (value instanceof Error) stack += indented(value.stack ?? String(value));
    else if (value !== undefined) text += ` ${key}=${fieldText(value)}`;
  }
  return text + stack;
}

function fieldText(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value)) return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return escapeControls(JSON.stringify(value));
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
