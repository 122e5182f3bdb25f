import { isUtf8 } from 'node:buffer';
import { decodeBase64 } from './scram-credentials.js';

/** Bytes of the longest message taken from a client: room for the longest user name, twice, and all the rest. */
const MAX_MESSAGE_LENGTH = 2048;

/** `client-first-message`, RFC 5802 §7. */
export interface ClientFirst {
  /** Channel binding flag and authorization identity, as sent. */
  readonly gs2Header: string;
  /** Whom the client wants to act for; undefined for itself. */
  readonly authorizationId: string | undefined;
  /** All behind the GS2 header, as sent. */
  readonly bare: string;
  readonly username: string;
  readonly nonce: string;
}

/** `client-final-message`, RFC 5802 §7. */
export interface ClientFinal {
  /** The GS2 header, in base64. */
  readonly channelBinding: string;
  /** That of the client and that of the server. */
  readonly nonce: string;
  readonly proof: Buffer;
  /** All before the proof, as sent. */
  readonly withoutProof: string;
}

/** Extensions may follow and are not for us; `m=` says that one must be understood, which none is. */
const EXTENSIONS = '(?:,[A-Za-ln-oq-z]=[^,\\0]+)*';

/** No `p=`: there is no channel to bind to. */
const CLIENT_FIRST = new RegExp(
  `^([ny],(?:a=([^,]*))?,)(n=([^,]*),r=([\\x21-\\x2b\\x2d-\\x7e]+)${EXTENSIONS})$`,
);

const CLIENT_FINAL = new RegExp(
  `^(c=([A-Za-z0-9+/=]+),r=([\\x21-\\x2b\\x2d-\\x7e]+)${EXTENSIONS}),p=([A-Za-z0-9+/=]+)$`,
);

/** A `saslname`: comma and equals sign are written `=2C` and `=3D`. */
const SASL_NAME = /^(?:[^\0=,]|=2C|=3D)+$/;

/** @returns undefined for what is no such message, needs what is not there, or is too long */
export function parseClientFirst(data: Buffer): ClientFirst | undefined {
  const match = CLIENT_FIRST.exec(textOf(data));
  if (match === null) return undefined;
  const [, gs2Header = '', actFor, bare = '', name = '', nonce = ''] = match as (string | undefined)[];
  const username = saslName(name);
  const authorizationId = actFor === undefined ? undefined : saslName(actFor);
  if (username === undefined || (actFor !== undefined && authorizationId === undefined)) return undefined;
  return { gs2Header, authorizationId, bare, username, nonce };
}

/** @returns undefined for what is no such message or is too long */
export function parseClientFinal(data: Buffer): ClientFinal | undefined {
  const match = CLIENT_FINAL.exec(textOf(data));
  if (match === null) return undefined;
  const [, withoutProof = '', channelBinding = '', nonce = '', proofText = ''] = match;
  const proof = decodeBase64(proofText);
  return proof && { channelBinding, nonce, proof, withoutProof };
}

/** Empty for what is no text of acceptable length. */
function textOf(data: Buffer): string {
  return data.length <= MAX_MESSAGE_LENGTH && isUtf8(data) ? data.toString('utf8') : '';
}

function saslName(text: string): string | undefined {
  return SASL_NAME.test(text) ? text.replaceAll('=2C', ',').replaceAll('=3D', '=') : undefined;
}
