/** Whoever books transfers, as far as a host is concerned: a wallet, one transfer at a time, and what it hears of it. */
import { type AftOrder, interrogateAft, sendAftTransfer } from '../../../src/sas/host/aft-commands.ts';
import { type Recovery, recoverAft } from '../../../src/sas/host/aft-history.ts';
import { type TransferResult, transferResult } from '../../../src/sas/host/aft-result.ts';
import type { SasHost } from '../../../src/sas/host/host.ts';
import type { Clock } from '../../../src/sas/host/port.ts';
import type { HostReport } from '../../../src/sas/host/report.ts';
import type { FirstService } from '../../../src/sas/host/service.ts';

export type RowState = 'NONE' | 'SENT' | 'SETTLED' | 'REFUSED' | 'CANCELLED' | 'NEVER_HAPPENED' | 'UNCLEAR';

export interface Teller {
  /** In cents, and what of it is set aside. */
  readonly wallet: bigint;
  readonly held: bigint;
  readonly state: RowState;
  readonly moved: bigint;
  /** What the host said that does not fit what it had said before. */
  readonly contradictions: readonly string[];
  /** Everything said of the transfer under way or the last, in order. */
  readonly said: readonly string[];
  /** The one before is over. */
  send(host: SasHost, order: AftOrder): Promise<void>;
  /** For the host's options. */
  report(made: HostReport): Promise<void>;
  beforeService(address: number, first: FirstService): Promise<void>;
  /** As long as nothing final is known it asks, about every second. */
  ask(host: () => SasHost, clock: Clock): Disposable;
}

const ADDRESS = 1;
const ASK_MS = 1_000;

const totalOf = (amounts: Pick<AftOrder, 'cashable' | 'restricted' | 'nonrestricted'>): bigint =>
  amounts.cashable + amounts.restricted + amounts.nonrestricted;

interface Row {
  readonly order: AftOrder;
  state: RowState;
  moved: bigint;
  isSending: boolean;
  /** Whether the last that was said of it was that it goes on. */
  isPending: boolean;
  readonly said: string[];
  /** Whether a transfer was over before this one was sent. */
  readonly isEarlier: (transactionId: string) => boolean;
}

export function aTeller(options: { readonly wallet: bigint }): Teller {
  let { wallet } = options;
  let held = 0n;
  let row: Row | null = null;
  const rows = new Map<string, Row>();
  const contradictions: string[] = [];

  function close(of: Row, state: RowState, moved: bigint): void {
    if (of.state !== 'SENT') {
      if (of.state !== state || of.moved !== moved)
        contradictions.push(`${state} ${moved} after ${of.state} ${of.moved}`);
      return;
    }
    of.state = state;
    of.moved = moved;
    if (isToHost(of.order)) wallet += moved;
    else {
      wallet += held - moved;
      held = 0n;
    }
  }

  function note(of: Row, result: TransferResult | Recovery): void {
    of.said.push(result.kind);
    of.isPending = result.kind === 'PENDING';
    if (result.kind === 'SETTLED') close(of, 'SETTLED', totalOf(result.moved));
    else if (result.kind === 'REFUSED' || result.kind === 'CANCELLED' || result.kind === 'NEVER_HAPPENED')
      close(of, result.kind, 0n);
    // These machines forget nothing.
    else if (result.kind === 'NOT_SENT' || result.kind === 'NO_TRACE') close(of, 'NEVER_HAPPENED', 0n);
    else if (result.kind === 'UNCLEAR') of.state = 'UNCLEAR';
  }

  /** A question that was not sent is no order that was not sent. */
  const answered = (of: Row, result: TransferResult | Recovery) => {
    if (result.kind !== 'NOT_SENT') note(of, result);
  };

  return {
    get wallet() {
      return wallet;
    },
    get held() {
      return held;
    },
    get moved() {
      return row?.moved ?? 0n;
    },
    get state() {
      return row?.state ?? 'NONE';
    },
    get said() {
      return row?.said ?? [];
    },
    contradictions,
    async send(host, order) {
      const before = new Set(rows.keys());
      const isEarlier = (transactionId: string) => before.has(transactionId);
      const of: Row = {
        order,
        state: 'SENT',
        moved: 0n,
        isSending: true,
        isPending: false,
        said: [],
        isEarlier,
      };
      row = of;
      rows.set(order.transactionId, of);
      if (!isToHost(order)) {
        held = totalOf(order);
        wallet -= held;
      }
      const result = await sendAftTransfer(host, ADDRESS, order).catch(() => null);
      of.isSending = false;
      if (result) note(of, result);
    },
    async report(made) {
      if (made.kind === 'transfer' && made.address === ADDRESS && row)
        note(row, transferResult(made, row.order));
    },
    async beforeService(address, first) {
      const of = row;
      if (address !== ADDRESS || of?.state !== 'SENT') return;
      const recovery = await recoverAft(first, address, { ...of.order, isEarlier: of.isEarlier });
      answered(of, recovery);
      if (recovery.kind === 'NO_ANSWER' && recovery.failure !== 'SILENT') throw new Error('not heard');
    },
    ask(host, clock) {
      let timer = clock.setTimer(ASK_MS, look);
      async function askOf(of: Row): Promise<void> {
        of.isSending = true;
        const { order, isEarlier } = of;
        const asked = of.isPending
          ? interrogateAft(host(), ADDRESS, order)
          : recoverAft(host(), ADDRESS, { ...order, isEarlier });
        const result = await asked.catch(() => null);
        of.isSending = false;
        if (result) answered(of, result);
      }
      function look(): void {
        timer = clock.setTimer(ASK_MS, look);
        if (row?.state === 'SENT' && !row.isSending) void askOf(row);
      }
      return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
    },
  };
}

const isToHost = ({ type }: AftOrder): boolean => type === 'MACHINE_TO_HOST' || type === 'WIN_TO_HOST';
