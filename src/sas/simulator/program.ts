/** The program memory of a simulated machine, and its signature (SAS.md 3 and 6.3). */
import { crc16 } from '../codec/crc.ts';
import type { MachineSettings } from './machine-settings.ts';

/** Another game or version is another program. */
const programOf = ({
  gameId,
  additionalId,
  paytableId,
  basePercent,
  sasVersion,
}: MachineSettings): Uint8Array =>
  new TextEncoder().encode([gameId, additionalId, paytableId, basePercent, sasVersion].join('\n'));

/** The CRC of the program memory, started from the host's seed. One source. */
export const romSignature = (settings: MachineSettings, seed: number): number =>
  crc16(programOf(settings), seed);
