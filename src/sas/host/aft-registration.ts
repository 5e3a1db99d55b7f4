/** The key that a machine and its host share, for debit transfers (SAS.md 10.1). */
import { AFT_REGISTRATION } from '../codec/long-polls/aft-registration.ts';
import type { AftLine, AftMachineStatus, NoAnswer } from './aft-commands.ts';

/** 20 bytes, a secret. */
export interface RegistrationKey {
  readonly kind: 'KEY';
  readonly key: Uint8Array;
}

/**
 * What every transfer has to carry: the key of whoever registered the machine, as the machine tells it, or zeros where
 * nobody did. In-house and bonus transfers need no registration of their own.
 */
export async function registrationKeyOf(
  line: AftLine,
  address: number,
  { capabilities }: Pick<AftMachineStatus, 'capabilities'>,
): Promise<RegistrationKey | NoAnswer> {
  if (!capabilities.includes('REGISTERED')) return NO_KEY;
  const result = await line.execute(address, AFT_REGISTRATION, { code: 'READ' });
  if (!('answer' in result)) return { kind: 'NO_ANSWER', failure: result.outcome, attempts: result.attempts };
  const { status, registrationKey } = result.answer;
  return status === 'REGISTERED' ? { kind: 'KEY', key: registrationKey } : NO_KEY;
}

const NO_KEY: RegistrationKey = { kind: 'KEY', key: new Uint8Array(20) };
