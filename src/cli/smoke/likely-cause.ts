import { RefusedError, SignedOutError } from '../../client/errors.ts';

/** A check that does not hold; `message` says what was seen and what likely causes it, without a full stop. */
export class CheckError extends Error {
  override readonly name = 'CheckError';
}

/** What whoever runs the checks can act on, in one sentence without its full stop. */
export function likelyCauseOf(error: unknown): string {
  if (error instanceof CheckError) return error.message;
  if (error instanceof RefusedError || error instanceof SignedOutError)
    return withoutStop(error.code === null ? error.message : `${error.code} ${error.message}`);
  const code = systemCodeOf(error);
  if (code !== null) return systemCauseOf(code);
  return withoutStop(error instanceof Error ? error.message : String(error));
}

/** Of the operating system, of TLS or of Node; `fetch` hides it in a cause. */
export function systemCodeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return systemCodeOf(error.cause);
}

const SYSTEM_CAUSES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no name server knows this name',
  EAI_AGAIN: 'the name server does not answer',
  ECONNREFUSED: 'nothing listens there: the port is wrong, or the server or its proxy is not running',
  ECONNRESET: 'the connection was cut: something in front refuses it, or TLS and no TLS were mixed up',
  UND_ERR_SOCKET: 'the connection was cut: something in front refuses it, or TLS and no TLS were mixed up',
  ETIMEDOUT: 'nobody answers: a firewall drops it, or the address is wrong',
  EHOSTUNREACH: 'no way leads there',
  ENETUNREACH: 'no way leads there',
  EPROTO: 'it does not speak TLS there: http:// is meant, or another port',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there: http:// is meant, or another port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS there: http:// is meant, or another port',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
};

function systemCauseOf(code: string): string {
  const known = SYSTEM_CAUSES[code];
  if (known !== undefined) return `${code}, ${known}`;
  if (/CERT|ISSUER|LEAF_SIGNATURE/.test(code))
    return `${code}, the certificate is signed by nobody who is trusted here: its chain is incomplete, or NODE_EXTRA_CA_CERTS has to name the file of its authority`;
  return code;
}

const withoutStop = (sentence: string): string => sentence.replace(/\.$/, '');
