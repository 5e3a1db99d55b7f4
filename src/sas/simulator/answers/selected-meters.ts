/** Polls that read the meters the host names, of the machine, a game, or behind B0 a denomination (SAS.md 6.3). */
import { SasDecodeError } from '../../codec/decode-error.ts';
import type { AnswerOf, RequestOf } from '../../codec/long-poll.ts';
import * as selected from '../../codec/long-polls/selected-meters.ts';
import { METERS, modulusOf } from '../../codec/meters.ts';
import { isGame, meterIn, WHOLE_MACHINE } from '../machine-games.ts';
import { type Answering, type AnsweringMachine, on } from './answering.ts';

/** The most codes a machine takes in one 2F, and in one 6F or AF (SAS.md 6.3). */
const SELECTED_LIMIT = 10;
const EXTENDED_LIMIT = 12;

type Asked = RequestOf<typeof selected.SELECTED_METERS>;

function checked({ cabinet: { settings } }: AnsweringMachine, { game, codes }: Asked, limit: number): void {
  if (!isGame(settings, game)) throw new SasDecodeError(`no game ${game}`);
  if (codes.length === 0 || codes.length > limit) throw new SasDecodeError(`${codes.length} meters at once`);
}

const bytesOf = (code: number): number => METERS.get(code)?.bcdBytes2F ?? 0;

/** On the wire game 0 is the whole machine. */
const scopeOf = (game: number, denomination: number | null) => ({
  game: game === WHOLE_MACHINE ? null : game,
  denomination,
});

/** A meter the machine does not have is left out of a 2F answer: there is no other way to say so. */
export function selectedMeters(
  machine: AnsweringMachine,
  request: Asked,
  denomination: number | null,
): AnswerOf<typeof selected.SELECTED_METERS> {
  checked(machine, request, SELECTED_LIMIT);
  const meters = request.codes.flatMap((code) => {
    const value = meterIn(machine.cabinet.state, code, scopeOf(request.game, denomination));
    return value === null ? [] : [{ code, value: value % modulusOf(bytesOf(code)) }];
  });
  return { game: request.game, meters };
}

/** A meter the machine does not have is answered with size 0. */
export function extendedMeters(
  machine: AnsweringMachine,
  request: Asked,
  denomination: number | null,
): AnswerOf<typeof selected.EXTENDED_METERS> {
  checked(machine, request, EXTENDED_LIMIT);
  const meters = request.codes.map((code) => {
    const value = meterIn(machine.cabinet.state, code, scopeOf(request.game, denomination));
    if (value === null) return { code, size: 0, value: null };
    return { code, size: bytesOf(code), value: value % modulusOf(bytesOf(code)) };
  });
  return { game: request.game, meters };
}

const extended = (poll: typeof selected.EXTENDED_METERS): Answering =>
  on(poll, (machine, request) => extendedMeters(machine, request, null));

export const SELECTED_METER_ANSWERS: readonly Answering[] = [
  on(selected.SELECTED_METERS, (machine, request) => selectedMeters(machine, request, null)),
  extended(selected.EXTENDED_METERS),
  extended(selected.EXTENDED_METERS_TWIN),
];
