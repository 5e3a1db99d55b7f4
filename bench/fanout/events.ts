import { randomUUID } from 'node:crypto';

/** What every contestant tells its subscribers of an event. */
export interface BenchEvent {
  readonly id: string;
  readonly type: 'GAME_ENDED';
  readonly exceptionCode: number;
  readonly data: { readonly credits: number };
  readonly occurredAt: string;
}

let count = 0;

export function newEvent(): BenchEvent {
  count += 1;
  return {
    id: randomUUID(),
    type: 'GAME_ENDED',
    exceptionCode: 0x7f,
    data: { credits: count },
    occurredAt: new Date().toISOString(),
  };
}

const FIELDS = 'id type exceptionCode data occurredAt cursor';

export const PUBLIC_OPERATION = `subscription Floor { machineEvents { ${FIELDS} } }`;
export const PRIVATE_OPERATION = `subscription One($machineIds: [ID!]) { machineEvents(machineIds: $machineIds) { ${FIELDS} } }`;

/** As the API writes the id of a machine. */
export const machineIdOf = (id: string): string => Buffer.from(`Machine:${id}`).toString('base64url');

/** As long as a cursor of the log: the bytes on the wire are to be the same. */
export const CURSOR = Buffer.from(`1|${randomUUID()}|123456`).toString('base64url');
