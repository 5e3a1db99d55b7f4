/** Polls that read the meters the host names (SAS.md 6.3 and 8). */
import { SasDecodeError } from '../decode-error.ts';
import { type Field, listOf, record } from '../fields.ts';
import { gamePoll, type LongPoll, prefixed } from '../long-poll.ts';
import { METERS } from '../meters.ts';
import { bcd, binary, byte, gameNumber } from '../number-fields.ts';

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
  notation: () => 'code:1 value:(4|5)BCD',
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
  notation: () => 'code:2LE size:1 value:sizeBCD',
};

/** No size byte in the answer: a meter in cents has 5 BCD bytes, everything else 4. */
export const SELECTED_METERS = gamePoll(0x2f, 'SELECTED_METERS', {
  chapter: '6.3',
  summary: 'The meters the host names, one byte a code',
  request: prefixed(record({ game: gameNumber, codes: listOf(byte) })),
  answer: prefixed(record({ game: gameNumber, meters: listOf(selectedMeter) })),
});

const extended = {
  chapter: '6.3',
  request: prefixed(record({ game: gameNumber, codes: listOf(extendedCode) })),
  answer: prefixed(record({ game: gameNumber, meters: listOf(extendedMeter) })),
};

export const EXTENDED_METERS = gamePoll(0x6f, 'EXTENDED_METERS', {
  ...extended,
  summary: 'The meters the host names, two bytes a code',
});

/** The same as 6F under another code: the same poll twice in a row would be a request to repeat (SAS.md 5.1). */
export const EXTENDED_METERS_TWIN = gamePoll(0xaf, 'EXTENDED_METERS_TWIN', {
  ...extended,
  summary: 'The same as 6F, to take turns with it',
});

export const SELECTED_METER_POLLS: readonly LongPoll[] = [
  SELECTED_METERS,
  EXTENDED_METERS,
  EXTENDED_METERS_TWIN,
];
