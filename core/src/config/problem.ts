import { formatPath, type KeyPath } from './key-path.js';

/** Where a value of the configuration was written. */
export type ConfigSource =
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  /** The file in which the hub keeps what was changed while it ran. */
  | { readonly kind: 'runtime'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'environment'; readonly variable: string };

/** One thing that is wrong with the configuration. No secret is part of it. */
export interface ConfigProblem {
  /** Undefined when nobody wrote what is wrong: a key that is missing from an empty configuration. */
  readonly source: ConfigSource | undefined;
  /** Empty for what concerns the text as a whole, such as bad YAML. */
  readonly path: KeyPath;
  /** What is wrong and what is allowed. */
  readonly reason: string;
}

/** `config/portico.yaml:12:9: gateways.mqtt.listner: unknown key; did you mean listeners?` */
export function formatProblem({ source, path, reason }: ConfigProblem): string {
  return [formatSource(source), formatPath(path), reason].filter((part) => part !== '').join(': ');
}

/** `config/portico.yaml:12:9`, `PORTICO_LOG__LEVEL`, or nothing. */
export function formatSource(source: ConfigSource | undefined): string {
  if (source === undefined) return '';
  return source.kind === 'environment' ? source.variable : `${source.file}:${source.line}:${source.column}`;
}
