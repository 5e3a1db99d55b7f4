/** A day on the floor, in a JSON file: which machines there are, how bad their line is, and what happens when. */
import * as z from 'zod';
import { MESSAGE_FAULTS } from './message-faults.ts';
import { machineProfile } from './profile.ts';

/** `00:00:05` is five seconds after the start. */
const moment = z
  .string()
  .regex(/^\d{2}:[0-5]\d:[0-5]\d(\.\d{1,3})?$/, 'is not a time since the start, such as "00:01:30"')
  .transform((text) => {
    const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
    return (hours * 3_600 + minutes * 60 + seconds) * 1_000;
  });

const amount = z.int().positive().transform(BigInt);
const exception = z
  .string()
  .regex(/^[0-9A-F]{2}$/, 'is not the code of an exception, such as "51"')
  .transform((hex) => Number.parseInt(hex, 16));
const door = z.enum(['DROP', 'CARD_CAGE', 'CASHBOX', 'BELLY']).optional();

const action = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('insertBill'), dollars: amount }),
  z.strictObject({
    do: z.literal('insertTicket'),
    barcode: z.string().regex(/^\d{18}$/, 'is not 18 digits'),
  }),
  z.strictObject({
    do: z.literal('play'),
    wager: amount,
    win: z.int().nonnegative().transform(BigInt),
    progressiveLevel: z.int().min(1).max(32).optional(),
  }),
  z.strictObject({ do: z.literal('selectGame'), game: z.int().min(0), denomination: z.int().optional() }),
  z.strictObject({ do: z.literal('cashOut') }),
  z.strictObject({ do: z.literal('resetHandpay') }),
  z.strictObject({ do: z.literal('openDoor'), door }),
  z.strictObject({ do: z.literal('closeDoor'), door }),
  z.strictObject({ do: z.literal('tilt'), exception }),
  z.strictObject({ do: z.literal('clearTilt'), exception }),
  z.strictObject({ do: z.literal('raise'), exception }),
  z.strictObject({ do: z.literal('cutPower') }),
  z.strictObject({ do: z.literal('restorePower') }),
]);

export type ScenarioAction = z.infer<typeof action>;

const faults = z.strictObject({
  /** Of the messages, from 0 to 1. */
  share: z.number().min(0).max(1),
  kinds: z
    .array(z.enum(MESSAGE_FAULTS))
    .min(1)
    .default([...MESSAGE_FAULTS]),
});

const machine = z.strictObject({
  address: z.int().min(1).max(127),
  profile: machineProfile.prefault({}),
  /** Whether somebody plays there besides what the script says. */
  plays: z.boolean().default(false),
});

export const scenario = z
  .strictObject({
    seed: z.int().default(1),
    machines: z.array(machine).min(1).max(127),
    faults: z.strictObject({ toHost: faults.optional(), toMachines: faults.optional() }).default({}),
    script: z.array(z.object({ at: moment, machine: z.int() }).and(action)).default([]),
  })
  .refine(({ machines }) => new Set(machines.map(({ address }) => address)).size === machines.length, {
    error: 'two machines have the same address',
  })
  .refine(
    ({ machines, script }) =>
      script.every((step) => machines.some(({ address }) => address === step.machine)),
    { error: 'the script names a machine that is not there' },
  );

export type Scenario = z.infer<typeof scenario>;

/** The scenario a file holds. @throws ScenarioError with a line for each thing that is wrong */
export function parseScenario(text: string): Scenario {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ScenarioError('It is not JSON.', { cause });
  }
  const { data, error } = scenario.safeParse(json);
  if (data === undefined) throw new ScenarioError(z.prettifyError(error));
  return data;
}

/** The file is no scenario. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}
