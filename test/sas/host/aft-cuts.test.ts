import { describe, expect, test } from 'vitest';
import { NO_FEATURES } from '../../../src/sas/codec/features.ts';
import { AFT_TRANSFER } from '../../../src/sas/codec/long-polls/aft-transfer.ts';
import { type MeterName, meterCode } from '../../../src/sas/codec/meters.ts';
import type { AftOrder } from '../../../src/sas/host/aft-commands.ts';
import { createSasHost, type SasHost } from '../../../src/sas/host/host.ts';
import { type LineMemory, newLineMemory } from '../../../src/sas/host/line-memory.ts';
import type { HeardSymbol } from '../../../src/sas/host/port.ts';
import { discrepancies } from '../../../src/sas/simulator/audit.ts';
import type { Egm, EgmOptions } from '../../../src/sas/simulator/egm.ts';
import { createLine } from '../../../src/sas/simulator/line.ts';
import type { MachineSettings } from '../../../src/sas/simulator/machine-settings.ts';
import { type MemoryLine, memoryLine } from '../../../src/sas/simulator/memory-port.ts';
import { createPowerSwitch, type PowerSwitch } from '../../../src/sas/simulator/power-switch.ts';
import { connect } from '../../../src/sas/simulator/wire.ts';
import { sized } from '../../support/soak.ts';
import { ASSET, anOrder } from './aft-orders.ts';
import { aTeller, type RowState, type Teller } from './aft-teller.ts';
import { aManualClock, type ManualClock } from './manual-clock.ts';

/**
 * A transfer, cut off with each byte of its conversation in turn, a byte the host sends or one the machine does. What
 * the wallet has, what is set aside and what is on the machine is the same in the end, and the host knows what
 * became of the transfer.
 */

interface Story {
  readonly name: string;
  readonly order: AftOrder;
  readonly settings?: Partial<MachineSettings>;
  readonly options?: Partial<EgmOptions>;
  /** What happens at the machine so many milliseconds after the order. */
  readonly later?: { readonly afterMs: number; readonly act: (egm: Egm) => void };
  readonly begin?: (egm: Egm) => void;
  /** What becomes of it when nothing is cut. */
  readonly end: { readonly state: RowState; readonly moved: bigint };
}

const out = (change: Partial<AftOrder>) => anOrder({ type: 'MACHINE_TO_HOST', cashable: 300n, ...change });

const STORIES: readonly Story[] = [
  {
    name: 'to the machine, in full',
    order: anOrder(),
    end: { state: 'SETTLED', moved: 500n },
  },
  {
    name: 'to the machine, at once',
    order: anOrder(),
    settings: { transferMs: 0 },
    end: { state: 'SETTLED', moved: 500n },
  },
  {
    name: 'to the machine, as much as goes',
    order: anOrder({ code: 'PARTIAL' }),
    settings: { creditLimit: 700n },
    end: { state: 'SETTLED', moved: 200n },
  },
  { name: 'to the host, in full', order: out({}), end: { state: 'SETTLED', moved: 300n } },
  {
    name: 'to the host, as much as there is',
    order: out({ code: 'PARTIAL', cashable: 900n }),
    end: { state: 'SETTLED', moved: 500n },
  },
  {
    name: 'refused at once',
    order: anOrder({ onlyIfLocked: true }),
    end: { state: 'REFUSED', moved: 0n },
  },
  {
    name: 'refused at once, and shortly',
    order: anOrder(),
    settings: { aftShortErrorReply: true },
    begin: (egm) => egm.openDoor(),
    end: { state: 'REFUSED', moved: 0n },
  },
  {
    name: 'refused after it was pending',
    order: anOrder(),
    later: { afterMs: 50, act: (egm) => egm.openDoor() },
    end: { state: 'REFUSED', moved: 0n },
  },
  {
    name: 'pending until the game is over',
    order: anOrder(),
    begin: (egm) => void egm.startGame({ wager: 100n, win: 100n }),
    later: { afterMs: 1_500, act: (egm) => egm.endGame() },
    end: { state: 'SETTLED', moved: 500n },
  },
];

/**
 * CABLE: nothing gets through either way. PORT: the host's port closes. POWER: the machine is off. HOST: the host is no
 * more, and another one takes its place, which knows that a transfer was sent.
 */
const CUTS = ['CABLE', 'PORT', 'POWER', 'HOST'] as const;
type Cut = (typeof CUTS)[number];

interface Run {
  readonly machine: PowerSwitch;
  readonly teller: Teller;
  readonly bytes: number;
}

const WALLET = 10_000n;
const ON_MACHINE = 500n;
const CUT_MS = 2_500;

/** A cable that ends with a byte, and passes none until it is mended. */
function aCable() {
  let passed = 0;
  let last = Number.POSITIVE_INFINITY;
  let onCut = () => {};
  return {
    get passed() {
      return passed;
    },
    cutAt(byte: number, told: () => void): void {
      last = passed + byte;
      onCut = told;
    },
    mend(): void {
      last = Number.POSITIVE_INFINITY;
    },
    faults(message: readonly HeardSymbol[], deliver: (message: readonly HeardSymbol[]) => void): void {
      const left = Math.max(0, last - passed);
      passed += Math.min(left, message.length);
      if (left > 0) deliver(message.slice(0, left));
      if (left > 0 && passed >= last) onCut();
    },
  };
}

/** Hosts of one line, one after the other; of one that was killed nothing is taken any more. */
function hostsOf({ wire, clock, teller }: Site) {
  const killed = new Set<SasHost>();
  const start = (memory: LineMemory): SasHost => {
    const host: SasHost = createSasHost({
      open: () => wire.open(),
      addresses: [1],
      memory,
      clock,
      random: () => 0.5,
      meters: { fast: [meterCode('CURRENT_CREDITS')], slow: [] },
      timing: { meterIntervalMs: 60_000, reopenMaxMs: 1_000 },
      async report(made) {
        if (killed.has(host)) throw new Error('killed');
        await teller.report(made);
      },
      beforeService: teller.beforeService,
    });
    host.start();
    return host;
  };
  let host = start(newLineMemory());
  const end = async (): Promise<void> => {
    const disposed = host[Symbol.asyncDispose]();
    await clock.advance(1_000);
    await disposed;
  };
  return {
    get host() {
      return host;
    },
    end,
    kill(): void {
      killed.add(host);
    },
    async replaceKilled(): Promise<void> {
      if (!killed.has(host)) return;
      await end();
      host = start({ ...newLineMemory(), fetching: { address: 1, code: AFT_TRANSFER.code } });
    },
  };
}

interface Site {
  readonly wire: MemoryLine;
  readonly clock: ManualClock;
  readonly teller: Teller;
}

async function tell(story: Story, cut: { readonly by: Cut; readonly atByte: number } | null): Promise<Run> {
  const clock = aManualClock();
  const features = { ...NO_FEATURES, aft: true, extendedMeters: true, fastPolling: true };
  const settings = { assetNumber: ASSET, features, ...story.settings };
  const machine = createPowerSwitch({ address: 1, clock, settings, ...story.options });
  const wire = memoryLine();
  const cable = aCable();
  connect(createLine({ egms: [machine], faultsToHost: cable.faults, faultsToEgms: cable.faults }), wire.egm);
  const teller = aTeller({ wallet: WALLET });
  const hosts = hostsOf({ wire, clock, teller });
  using _asking = teller.ask(() => hosts.host, clock);
  machine.egm?.insertBill(ON_MACHINE / 100n);
  await clock.advance(4_000);
  if (machine.egm) story.begin?.(machine.egm);
  await clock.advance(400);

  const first = cable.passed;
  if (cut?.by === 'POWER') machine.cutPowerAt(machine.bytes + cut.atByte);
  else if (cut)
    cable.cutAt(cut.atByte, () => {
      if (cut.by === 'HOST') hosts.kill();
      if (cut.by !== 'CABLE') void wire.egm.unplug();
    });
  const sent = teller.send(hosts.host, story.order);
  const { later } = story;
  if (later) clock.setTimer(later.afterMs, () => machine.egm && later.act(machine.egm));
  await clock.advance(CUT_MS);
  const bytes = cable.passed - first;
  machine.restorePower();
  cable.mend();
  await hosts.replaceKilled();
  await wire.egm.plug();
  if (cut) await clock.advance(15_000);
  await sent;
  await hosts.end();
  return { machine, teller, bytes };
}

const meter = (egm: Egm, name: MeterName): bigint => egm.meters().get(meterCode(name)) ?? 0n;

/** Money is neither made nor lost, and both sides say the same of the transfer. */
function expectBalanced({ machine, teller }: Run, story: Story): void {
  const { egm } = machine;
  if (egm === null) throw new Error('the power is off');
  expect(discrepancies(egm.state())).toEqual([]);
  expect(teller.contradictions, teller.said.join(' ')).toEqual([]);
  const won = meter(egm, 'COIN_OUT') - meter(egm, 'COIN_IN');
  const onMachine = meter(egm, 'CURRENT_CREDITS') - won;
  expect(teller.wallet + teller.held + onMachine, teller.said.join(' ')).toBe(WALLET + ON_MACHINE);
  const isOut = story.order.type === 'MACHINE_TO_HOST';
  expect(meter(egm, isOut ? 'AFT_CASHABLE_OUT_CENTS' : 'AFT_CASHABLE_IN_CENTS')).toBe(teller.moved);
  egm[Symbol.dispose]();
}

/** `npm run soak -- aft` takes every byte; each story begins with another, so that together they see most kinds of them. */
const STRIDE = sized({ test: 31, soak: 1 });

describe.each(STORIES)('$name', (story) => {
  test('goes as it is told with nothing cut', async () => {
    const run = await tell(story, null);
    expectBalanced(run, story);
    expect({ state: run.teller.state, moved: run.teller.moved }).toEqual(story.end);
  });

  test.each(CUTS)(
    'moves its money once or not at all, and is known: %s',
    {
      timeout: 300_000,
    },
    async (by) => {
      const { bytes } = await tell(story, null);
      expect(bytes).toBeGreaterThan(100);
      for (let atByte = 1 + (story.name.length % STRIDE); atByte <= bytes; atByte += STRIDE) {
        const run = await tell(story, { by, atByte });
        try {
          expectBalanced(run, story);
          expect(['SETTLED', 'REFUSED', 'NEVER_HAPPENED']).toContain(run.teller.state);
        } catch (error) {
          throw new Error(`cut at byte ${atByte} of ${bytes}: ${run.teller.said.join(' ')}`, {
            cause: error,
          });
        }
      }
    },
  );
});

test('a machine that never answers poll 72 leaves open what became of it, and nothing else is said of it', async () => {
  const story: Story = {
    name: 'no answer',
    order: anOrder(),
    options: { unsupportedPolls: new Set([AFT_TRANSFER.code]) },
    end: { state: 'SENT', moved: 0n },
  };
  const { teller, machine } = await tell(story, { by: 'CABLE', atByte: 1_000_000 });
  expect(teller.state).toBe('SENT');
  expect(new Set(teller.said)).toEqual(new Set(['UNKNOWN', 'NO_ANSWER']));
  expect(teller.held).toBe(500n);
  machine.egm?.[Symbol.dispose]();
});
