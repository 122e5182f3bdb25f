import {
  type ConfigErrorCode,
  type ConfigProblem,
  formatProblem,
  PorticoError,
  quantity,
} from '@portico/core/base';

/** An error for the operator in two lines: what happened, and what to do about it. */
export function errorText(error: PorticoError): string {
  return `${error.message}\n${error.action}\n`;
}

/** Several errors, each on a line of its own, and then what to do, each advice once. */
export function errorsText(errors: readonly PorticoError[]): string {
  const lines = [...errors.map(({ message }) => message), ...new Set(errors.map(({ action }) => action))];
  return lines.map((line) => `${line}\n`).join('');
}

interface WrongConfig {
  readonly code: ConfigErrorCode;
  readonly problems: readonly ConfigProblem[];
}

/** Every problem on a line of its own, then how many there are and what to do. */
export function problemsText({ code, problems }: WrongConfig): string {
  const lines = problems.map((problem) => `${formatProblem(problem)}\n`);
  return lines.join('') + errorText(new PorticoError(code, quantity(problems.length, 'problem')));
}
