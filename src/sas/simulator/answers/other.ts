/** The signature of the program, and what is left of older versions (SAS.md 6.3 and 6.7). */
import { ROM_SIGNATURE } from '../../codec/long-polls/authentication.ts';
import { LEGACY_PROMOTIONAL_METERS, LEGACY_TRANSFERS } from '../../codec/long-polls/legacy.ts';
import { type Answering, on } from './answering.ts';

const PROMOTIONAL_METERS = 4;
const LAST_TRANSFERS = 5;
const TRANSFER_BYTES = 9;

export const OTHER_ANSWERS: readonly Answering[] = [
  on(ROM_SIGNATURE, (machine, { seed }) => {
    machine.startSignature(seed);
    return null;
  }),
  // No transfer of SAS 3 to 5 is ever carried out here, so their meters and their log are those of a new machine.
  on(LEGACY_PROMOTIONAL_METERS, () => ({ meters: Array.from({ length: PROMOTIONAL_METERS }, () => 0n) })),
  on(LEGACY_TRANSFERS, () => ({
    transfers: Array.from({ length: LAST_TRANSFERS }, () => new Uint8Array(TRANSFER_BYTES)),
  })),
];
