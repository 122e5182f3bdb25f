import { type Endpoint, endpoint } from '../endpoint.js';
import { ApiError } from '../result-codes.js';

const DESCR =
  'Read certificates, private keys, authorities and revocation lists of listeners, and of the API, anew';

/** What TLS and DTLS listeners show and trust: `certificates` of the API. */
export const certificateEndpoints: readonly Endpoint[] = ['', '/nodes/:node'].map((scope) =>
  endpoint({
    method: 'PUT',
    path: `${scope}/certificates/reload`,
    name: scope === '' ? 'reload_certificates' : 'reload_node_certificates',
    descr: scope === '' ? DESCR : `${DESCR}, on one node`,
    failures: ['parameter_invalid'],
    async handle({ reloadCertificates }) {
      const faults = await reloadCertificates();
      if (faults.length === 0) return {};
      throw new ApiError('parameter_invalid', faults.map(({ message }) => message).join('; '));
    },
  }),
);
