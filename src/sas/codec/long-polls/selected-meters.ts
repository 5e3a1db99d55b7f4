/** Polls that read the meters the host names (SAS.md 6.3 and 8). */
import { SasDecodeError } from '../decode-error.ts';
import { bcd, binary, byte, type Field, gameNumber, listOf, record } from '../fields.ts';
import { gamePoll, type LongPoll, prefixed } from '../long-poll.ts';
import { METERS } from '../meters.ts';

/** `value` is null when the machine sent something that is not BCD. */
export interface SelectedMeter {
  readonly code: number;
  readonly value: bigint | null;
}

/** `size` 0 says that the machine does not have the meter; `value` is null then. */
export interface ExtendedMeter extends SelectedMeter {
  /** BCD bytes of the value, which also tell where it rolls over. */
  readonly size: number;
}

/** The most codes to ask for in one 2F. */
export const MOST_SELECTED_METERS = 10;
/** The most codes to ask for in one 6F or AF. By most accounts 12 are allowed, by one 11 (SAS.md 6.3). */
export const MOST_EXTENDED_METERS = 10;

function selectedMeterSize(code: number): number {
  const definition = METERS.get(code);
  if (definition === undefined) throw new SasDecodeError(`no known size for meter ${code.toString(16)}`);
  return definition.bcdBytes2F;
}

const selectedMeter: Field<SelectedMeter> = {
  size: null,
  read(cursor) {
    const code = byte.read(cursor);
    return { code, value: bcd(selectedMeterSize(code)).read(cursor) };
  },
  write({ code, value }, out) {
    byte.write(code, out);
    bcd(selectedMeterSize(code)).write(value, out);
  },
};

const extendedCode = binary(2);

const extendedMeter: Field<ExtendedMeter> = {
  size: null,
  read(cursor) {
    const code = extendedCode.read(cursor);
    const size = byte.read(cursor);
    return { code, size, value: size === 0 ? null : bcd(size).read(cursor) };
  },
  write({ code, size, value }, out) {
    extendedCode.write(code, out);
    byte.write(size, out);
    if (size > 0) bcd(size).write(value, out);
  },
};

/** No size byte in the answer: a meter in cents has 5 BCD bytes, everything else 4. */
export const SELECTED_METERS = gamePoll(0x2f, 'SELECTED_METERS', {
  request: prefixed(record({ game: gameNumber, codes: listOf(byte) })),
  answer: prefixed(record({ game: gameNumber, meters: listOf(selectedMeter) })),
});

const extendedLayouts = {
  request: prefixed(record({ game: gameNumber, codes: listOf(extendedCode) })),
  answer: prefixed(record({ game: gameNumber, meters: listOf(extendedMeter) })),
};

export const EXTENDED_METERS = gamePoll(0x6f, 'EXTENDED_METERS', extendedLayouts);

/** The same as 6F under another code: the same poll twice in a row would be a request to repeat (SAS.md 5.1). */
export const EXTENDED_METERS_TWIN = gamePoll(0xaf, 'EXTENDED_METERS_TWIN', extendedLayouts);

export const SELECTED_METER_POLLS: readonly LongPoll[] = [
  SELECTED_METERS,
  EXTENDED_METERS,
  EXTENDED_METERS_TWIN,
];
