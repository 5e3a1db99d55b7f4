/** The one implementation of `Egm`: what people do at the machine, and its end of the line. */
import type { EventData } from '../codec/event-data.ts';
import { exceptionCode } from '../codec/exceptions.ts';
import type { LineSymbol } from '../codec/symbol.ts';
import {
  registrationAcknowledged,
  registrationCancelled,
  registrationRequested,
} from './aft-registration.ts';
import type { Cabinet } from './cabinet.ts';
import type { CabinetState, CashOutOf, Game, OtherDoor } from './cabinet-state.ts';
import * as cash from './cash.ts';
import { type CashOutRefusal, cashedOut, cashOutRefusal } from './cash-out.ts';
import type { Egm, EgmState, Refused } from './egm.ts';
import type { EgmLink } from './egm-link.ts';
import { raise } from './exception-queue.ts';
import { gameEnded, gameStarted, type PlayRefusal, playRefusal } from './game.ts';
import { handpayPaid, isHandpayOpen } from './handpay.ts';
import type { VolatileMachine } from './linked-machine.ts';
import { gameSettings, playerDenominations, WHOLE_MACHINE } from './machine-games.ts';
import type { MachineSettings } from './machine-settings.ts';
import * as power from './power.ts';
import { type TicketRefusal, ticketInserted, ticketRefusal } from './redemption.ts';

export interface EgmParts {
  readonly cabinet: Cabinet;
  readonly machine: VolatileMachine;
  readonly link: EgmLink;
  readonly time: Disposable;
}

/** Exceptions that exist in real-time mode only (SAS.md 9.1). */
const REAL_TIME_ONLY: ReadonlySet<number> = new Set([0x87, 0x88, 0x89, 0x8b]);

type Change = (state: CabinetState) => CabinetState;

export class SimulatedEgm implements Egm {
  readonly #parts: EgmParts;
  readonly #cabinet: Cabinet;

  constructor(parts: EgmParts) {
    this.#parts = parts;
    this.#cabinet = parts.cabinet;
  }

  get address(): number {
    return this.#parts.machine.address;
  }

  get settings(): MachineSettings {
    return this.#cabinet.settings;
  }

  get locked(): boolean {
    return this.#cabinet.state.locked;
  }

  get billAcceptorEnabled(): boolean {
    return this.#cabinet.state.billAcceptorEnabled;
  }

  meters(): ReadonlyMap<number, bigint> {
    return this.#cabinet.state.meters;
  }

  state(): EgmState {
    const { state } = this.#cabinet;
    const { link, machine } = this.#parts;
    return {
      ...state,
      realTime: machine.realTime,
      synchronised: link.synchronised,
      handpayPending: isHandpayOpen(state),
      clock: machine.now().shown,
    };
  }

  play(game: Game): Refused<PlayRefusal> {
    const refusal = this.startGame(game);
    if (refusal === null) this.endGame();
    return refusal;
  }

  startGame(game: Game): Refused<PlayRefusal> {
    const { settings } = this;
    const asked = { wager: game.wager, settings, nowMs: this.#parts.machine.now().ms };
    const refusal = playRefusal(this.#cabinet.state, asked);
    if (refusal === null) this.#commit((state) => gameStarted(state, game, settings));
    return refusal;
  }

  endGame(): void {
    const wasPlaying = this.#cabinet.state.game !== null;
    this.#commit((state) =>
      gameEnded(state, { settings: this.settings, nowMs: this.#parts.machine.now().ms }),
    );
    if (wasPlaying) this.#tellReels();
  }

  insertBill(dollars: bigint): Refused<cash.BillRefusal> {
    const { settings } = this;
    const refusal = cash.billRefusal(this.#cabinet.state, dollars, settings);
    this.#commit((state) =>
      refusal === null ? cash.billAccepted(state, dollars, settings) : cash.billRejected(state),
    );
    return refusal;
  }

  insertCoin(): Refused<cash.CoinRefusal> {
    const refusal = cash.coinRefusal(this.#cabinet.state, this.settings);
    if (refusal === null) this.#commit((state) => cash.coinAccepted(state, this.settings));
    return refusal;
  }

  insertTicket(barcode: string): Refused<TicketRefusal> {
    if (!this.#parts.link.synchronised) return 'LINK_DOWN';
    const refusal = ticketRefusal(this.#cabinet.state, { barcode, settings: this.settings });
    const { ms } = this.#parts.machine.now();
    if (refusal === null) this.#commit((state) => ticketInserted(state, barcode, ms));
    return refusal;
  }

  cashOut(): Refused<CashOutRefusal> {
    return this.#cashOut('CREDITS');
  }

  cashOutWin(): Refused<CashOutRefusal> {
    return this.#cashOut('WIN');
  }

  resetHandpay(): void {
    this.#commit((state) => handpayPaid(state, this.#context()));
  }

  openDoor(door?: OtherDoor): void {
    this.#commit((state) => (door ? power.otherDoorOpened(state, door) : power.doorOpened(state)));
  }

  closeDoor(door?: OtherDoor): void {
    this.#commit((state) => (door ? power.otherDoorClosed(state, door) : power.doorClosed(state)));
  }

  tilt(code: number): void {
    this.#commit((state) => power.tilted(state, code));
  }

  clearTilt(code: number): void {
    this.#commit((state) => power.tiltCleared(state, code));
  }

  selectGame(game: number, denomination?: number): boolean {
    const { settings } = this;
    const { state } = this.#cabinet;
    const isThere = game === WHOLE_MACHINE || gameSettings(settings, game) !== null;
    const isOffered = denomination === undefined || playerDenominations(settings).includes(denomination);
    if (!isThere || !isOffered || state.game !== null) return false;
    const selected = { ...state, selectedGame: game, denomination: denomination ?? state.denomination };
    this.#cabinet.commit(raise(selected, exceptionCode('GAME_SELECTED'), { kind: 'GAME_SELECTED', game }));
    return true;
  }

  requestRegistration(): void {
    this.#commit(registrationRequested);
  }

  acknowledgeRegistration(): void {
    this.#commit(registrationAcknowledged);
  }

  cancelRegistration(): void {
    this.#commit(registrationCancelled);
  }

  raise(code: number, data: EventData | null = null): void {
    if (REAL_TIME_ONLY.has(code) && !this.#parts.machine.realTime) return;
    this.#commit((state) => raise(state, code, data));
  }

  onChange(listener: (state: CabinetState) => void): Disposable {
    return this.#cabinet.onChange(listener);
  }

  hear(symbol: LineSymbol | 'error'): void {
    this.#parts.link.hear(symbol);
  }

  onReply(listener: (reply: Uint8Array) => void): void {
    this.#parts.link.onReply(listener);
  }

  onChirp(listener: () => void): void {
    this.#parts.link.onChirp(listener);
  }

  [Symbol.dispose](): void {
    this.#parts.link[Symbol.dispose]();
    this.#parts.machine[Symbol.dispose]();
    this.#parts.time[Symbol.dispose]();
  }

  #cashOut(of: CashOutOf): Refused<CashOutRefusal> {
    const refusal = cashOutRefusal(this.#cabinet.state, of, this.settings);
    if (refusal === null) this.#commit((state) => cashedOut(state, of, this.#context()));
    return refusal;
  }

  #context() {
    return { settings: this.settings, moment: this.#parts.machine.now() };
  }

  #commit(change: Change): void {
    this.#cabinet.commit(change(this.#cabinet.state));
  }

  #tellReels(): void {
    for (const [at, stop] of this.#cabinet.state.reelStops.entries()) {
      this.raise(exceptionCode('REEL_STOPPED'), { kind: 'REEL_STOPPED', reel: at + 1, stop });
    }
  }
}
