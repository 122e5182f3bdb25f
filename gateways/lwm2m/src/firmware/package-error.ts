/** Why a package cannot be had. */
export class PackageError extends Error {
  override readonly name = 'PackageError';
  /** Whether there is no room for it at present; otherwise it cannot be downloaded. */
  readonly noRoom: boolean;

  constructor(reason: string, { noRoom = false }: { readonly noRoom?: boolean } = {}) {
    super(reason);
    this.noRoom = noRoom;
  }
}
