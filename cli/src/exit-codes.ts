/** How every command ends, for scripts. */
export const EXIT = {
  /** It is done. */
  done: 0,
  /** It is not: the hub refuses, there is no such thing, the configuration is wrong. */
  failed: 1,
  /** The command is wrong as it was written: no such command, option or value. */
  usage: 2,
  /** No hub could be asked: none runs there, or it does not let the command in. */
  unreachable: 3,
} as const;

/** What Commander ends with, in our codes: it would say 1 for what is written wrong. */
export function endAsCommander({ exitCode }: { readonly exitCode: number }): never {
  process.exit(exitCode === 0 ? EXIT.done : EXIT.usage);
}
