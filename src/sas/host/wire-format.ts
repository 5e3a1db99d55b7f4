/**
 * What a byte looks like on the wire, and in which formats a message goes out (SAS.md 1.2).
 *
 * The ninth bit is where other protocols have their parity bit: MARK parity sends it as 1, SPACE parity as 0. An
 * adapter that knows only EVEN and ODD sends either by the one of the two that gives the byte the bit it shall have.
 */

/** TWO_STOP_BITS is 8N2: the first stop bit stands where the ninth bit is expected, so it reads as 1. */
export type WireFormat = 'MARK' | 'SPACE' | 'EVEN' | 'ODD' | 'TWO_STOP_BITS';

/** What the adapter can do. */
export type ParityKind = 'MARK_SPACE' | 'EVEN_ODD';

/** NINTH_BIT is SAS as it is written; some machines want EVEN parity throughout, or 8N2 for the address (SAS.md 12). */
export const PARITY_MODES = ['NINTH_BIT', 'EVEN', 'TWO_STOP_BITS'] as const;
export type ParityMode = (typeof PARITY_MODES)[number];

/**
 * How it is known that bytes have left a device. DRIVER: its driver says so. TIMED: by the time they take, for USB
 * adapters whose driver looks only once in a tick of the kernel, which may be 4 ms.
 */
export const DRAINS = ['DRIVER', 'TIMED'] as const;
export type Drain = (typeof DRAINS)[number];

/** How a machine is to be spoken to. */
export interface WireStyle {
  readonly parityMode: ParityMode;
  /** The least pause between the address and what follows it; the machine gives up after 5. */
  readonly addressGapMs: number;
  /** How long to wait before the format is switched: some adapters say too early that they have sent everything. */
  readonly paritySettleMs: number;
  readonly drain: Drain;
}

/** The styles of one line: what differs by machine, and what counts for the others and for broadcasts. */
export interface WireStyles {
  readonly usual: WireStyle;
  readonly byAddress: ReadonlyMap<number, WireStyle>;
}

export const USUAL_STYLE: WireStyle = {
  parityMode: 'NINTH_BIT',
  addressGapMs: 0,
  paritySettleMs: 0,
  drain: 'DRIVER',
};
export const USUAL_STYLES: WireStyles = { usual: USUAL_STYLE, byAddress: new Map() };

/** 11 bits at 19200 baud. */
export const BYTE_MS = 11 / 19.2;

/** Bytes that go out in one format. */
export interface Segment {
  readonly format: WireFormat;
  readonly bytes: Uint8Array;
}

/** How the machine that a message is for is to be spoken to. */
export function styleOf({ usual, byAddress }: WireStyles, message: Uint8Array): WireStyle {
  return byAddress.get((message[0] ?? 0) & ADDRESS_BITS) ?? usual;
}

const ADDRESS_BITS = 0x7f;

/** Cuts a message where the format changes, and behind the address where a pause is wanted. */
export function segmentsOf(message: Uint8Array, parity: ParityKind, style: WireStyle): readonly Segment[] {
  const formats = Array.from(message, (byte, at) => formatOf(byte, { isAddress: at === 0, parity, style }));
  const segments: Segment[] = [];
  let start = 0;
  formats.forEach((format, at) => {
    const ends = formats[at + 1] !== format || (at === 0 && style.addressGapMs > 0);
    if (!ends) return;
    segments.push({ format, bytes: message.subarray(start, at + 1) });
    start = at + 1;
  });
  return segments;
}

interface Place {
  readonly isAddress: boolean;
  readonly parity: ParityKind;
  readonly style: WireStyle;
}

function formatOf(byte: number, { isAddress, parity, style }: Place): WireFormat {
  if (style.parityMode === 'EVEN') return 'EVEN';
  if (style.parityMode === 'TWO_STOP_BITS' && isAddress) return 'TWO_STOP_BITS';
  if (parity === 'MARK_SPACE') return isAddress ? 'MARK' : 'SPACE';
  return isAddress === hasOddWeight(byte) ? 'EVEN' : 'ODD';
}

/** EVEN parity gives a byte of odd weight the parity bit 1. */
function hasOddWeight(byte: number): boolean {
  let weight = 0;
  for (let rest = byte; rest > 0; rest >>= 1) weight += rest & 1;
  return weight % 2 === 1;
}

/** In what the answer is read after a message that ended in `format`: machines leave the ninth bit 0 (SAS.md 1). */
export function restingFormat(format: WireFormat, parity: ParityKind): WireFormat {
  if (format !== 'MARK' && format !== 'TWO_STOP_BITS') return format;
  return parity === 'MARK_SPACE' ? 'SPACE' : 'EVEN';
}

/** Every format the messages of a line may take. */
export function formatsOf(parity: ParityKind, { usual, byAddress }: WireStyles): readonly WireFormat[] {
  const modes = new Set([usual, ...byAddress.values()].map(({ parityMode }) => parityMode));
  const formats = new Set<WireFormat>();
  if (modes.has('EVEN')) formats.add('EVEN');
  if (modes.has('TWO_STOP_BITS')) formats.add('TWO_STOP_BITS');
  if (modes.has('NINTH_BIT') && parity === 'MARK_SPACE') formats.add('MARK');
  if (modes.has('NINTH_BIT') || modes.has('TWO_STOP_BITS')) {
    for (const format of parity === 'MARK_SPACE' ? (['SPACE'] as const) : (['EVEN', 'ODD'] as const)) {
      formats.add(format);
    }
  }
  return [...formats];
}

/**
 * Whether the ninth bit of what is received can be told: only against SPACE parity does a set one stand out.
 * SAS needs it of a chirp alone (SAS.md 5.4).
 */
export function tellsNinthBit(parity: ParityKind, styles: WireStyles): boolean {
  return parity === 'MARK_SPACE' && !formatsOf(parity, styles).includes('EVEN');
}
