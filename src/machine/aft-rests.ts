import type { AftTransfer } from './aft-transfer.ts';
import type { Machine } from './machine.ts';

/** Transfers of which the machine at their address says nothing: each is asked for more and more rarely. */
export interface AftRests {
  isOver(transfer: Pick<AftTransfer, 'id'>): boolean;
  /** Notes what was said of a transfer. */
  answered(transfer: AftTransfer, said: Said): void;
  /** A machine answers, at first or again: all of its transfers are asked for at once. */
  returned(machineId: string): void;
  /** Likewise where it goes by another asset number than before. */
  identified(machineId: string, assetNumber: number | null): void;
}

interface Said {
  readonly kind: string;
  /** Of an answer that did not come. */
  readonly failure?: string;
}

const FIRST_REST_MS = 2_000;
const LONGEST_REST_MS = 600_000;

interface Rest {
  readonly machineId: string;
  readonly ms: number;
  readonly endsAtMs: number;
}

export function createAftRests(machines: readonly Pick<Machine, 'id' | 'identity'>[]): AftRests {
  /** By transfer. */
  const rests = new Map<string, Rest>();
  const assetNumbers = new Map(machines.map(({ id, identity }) => [id, identity?.assetNumber ?? null]));

  function returned(machineId: string): void {
    for (const [id, rest] of rests) if (rest.machineId === machineId) rests.delete(id);
  }

  return {
    isOver: ({ id }) => (rests.get(id)?.endsAtMs ?? 0) <= performance.now(),
    answered(transfer, said) {
      const { id, machineId } = transfer;
      if (!isNothing(transfer, said)) return void rests.delete(id);
      const ms = Math.min(LONGEST_REST_MS, 2 * (rests.get(id)?.ms ?? FIRST_REST_MS / 2));
      rests.set(id, { machineId, ms, endsAtMs: performance.now() + ms });
    },
    returned,
    identified(machineId, assetNumber) {
      if (assetNumbers.get(machineId) === assetNumber) return;
      assetNumbers.set(machineId, assetNumber);
      returned(machineId);
    },
  };
}

/** Of one that is not in doubt yet the machine is asked all the time; of one that a person settled nobody waits. */
function isNothing({ state }: Pick<AftTransfer, 'state'>, { kind, failure }: Said): boolean {
  if (kind === 'OTHER_MACHINE') return state === 'IN_DOUBT' || state === 'MANUALLY_RESOLVED';
  if (state !== 'MANUALLY_RESOLVED' || kind === 'PENDING') return false;
  // Whatever else it says is all that it will say.
  return kind !== 'NO_ANSWER' || failure === 'SILENT' || failure === 'NACK';
}
