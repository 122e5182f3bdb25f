/** A command that cannot be carried out as it stands; the message is for whoever sent it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    message: string,
    /** Whether it is the device that is too old for it. */
    readonly unsupported = false,
  ) {
    super(message);
  }
}
