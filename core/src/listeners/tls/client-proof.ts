import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { Clock } from '../../runtime/clock.js';
import type { TlsConfig } from './tls-config.js';

/**
 * Whether the handshake was made with a pre-shared key. That its key was asked for proves nothing: OpenSSL
 * asks for the key of any identity that a client of TLS 1.3 names, and goes on without when the suite that it
 * has chosen does not go with it.
 *
 * In TLS 1.3 a pre-shared key shows as a resumed session (RFC 8446 §2.2), so a listener that has such keys
 * must resume none.
 */
export function usedPresharedKey(socket: TLSSocket): boolean {
  if (socket.getProtocol() === 'TLSv1.3') return socket.isSessionReused();
  return /(?:^|-)PSK-/.test(socket.getCipher().name);
}

/**
 * Why the listener does not want a client with this certificate, or with none; undefined when it does. To be
 * called before `getPeerX509Certificate`, after which Node no longer tells the chain.
 */
export function certificateFault(socket: TLSSocket, config: TlsConfig, clock: Clock): string | undefined {
  const { verify, fail_if_no_peer_cert, depth } = config;
  if (verify === 'verify_none') return undefined;
  const above = depth === undefined ? 0 : intermediates(socket.getPeerCertificate(true));
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return fail_if_no_peer_cert ? 'none was sent' : undefined;
  if (!socket.authorized) return String(socket.authorizationError);
  // Sessions are renewed whenever they are resumed, and OpenSSL judges their certificates only once.
  if (socket.isSessionReused() && Date.parse(certificate.validTo) < clock.now()) return 'CERT_HAS_EXPIRED';
  if (depth === undefined || above <= depth) return undefined;
  return `CERT_CHAIN_TOO_LONG: ${above} authorities between it and its root`;
}

/** Authorities between a certificate and the root, which is its own issuer. */
function intermediates(certificate: DetailedPeerCertificate): number {
  let count = 0;
  for (let issuer = certificate.issuerCertificate; !isOwnIssuer(issuer); issuer = issuer.issuerCertificate) {
    count++;
  }
  return count;
}

function isOwnIssuer(certificate: DetailedPeerCertificate | undefined): boolean {
  return (
    certificate === undefined || certificate.issuerCertificate?.fingerprint256 === certificate.fingerprint256
  );
}
