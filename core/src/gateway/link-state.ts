/** Milliseconds that frames may take to be handled, and answered, once their peer has ended its side. */
export const LATE_FRAMES = 10_000;

/**
 * How far a link is on its way from the first frame to the last:
 *
 * - `open`: frames go both ways.
 * - `answering`: the peer has ended its side alone (half a TCP connection, TLS `close_notify`), as `nc` does behind its
 *   input. What it has sent is handled and answered. Messages wait in its session: the peer may be gone altogether, which
 *   looks the same, and they would be lost.
 * - `closing`: this side has ended the connection. Nothing more is handled or sent; what is left is to hear that the
 *   connection is gone.
 * - `late`: the connection is gone, but frames that came before wait behind a pause and are handled first.
 * - `gone`: the channel has been told that it is over. Nothing happens any more.
 *
 * | from        | by                                                                 | to          |
 * | ----------- | ------------------------------------------------------------------ | ----------- |
 * | `open`      | `onEnd`                                                            | `answering` |
 * | `open`      | `end`, `destroy`, a bug                                            | `closing`   |
 * | `answering` | the last answer, {@link LATE_FRAMES}, `end`, `destroy`, a bug      | `closing`   |
 * | either      | `onClose`                                                          | `gone`      |
 * | either      | `onClose` during a pause                                           | `late`      |
 * | `closing`   | `onClose`                                                          | `gone`      |
 * | `late`      | the end of the pause, {@link LATE_FRAMES}, `end`, `destroy`, a bug | `gone`      |
 */
export type LinkState = 'open' | 'answering' | 'closing' | 'late' | 'gone';
