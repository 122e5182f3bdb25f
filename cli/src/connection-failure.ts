const UNTRUSTED = 'its certificate is not trusted: name the authority, or the certificate itself, with --ca';

/** What it means for whoever asks that a request has failed, by the code of the error. */
const MEANINGS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak HTTPS: http://',
  EPROTO: 'it does not speak HTTPS: http://',
  UND_ERR_SOCKET: 'it ends the connection; where it speaks HTTPS, the URL begins with https://',
};

/** Why a request got no answer. @param error of `fetch`, which has the error of the connection as its cause, or that itself */
export function connectionFailure(error: Error): string {
  const failure = error.cause instanceof Error ? error.cause : error;
  const { code } = failure as NodeJS.ErrnoException;
  if (typeof code !== 'string') return failure.message;
  return MEANINGS[code] ?? (code.startsWith('E') && !code.startsWith('ERR_') ? code : failure.message);
}
