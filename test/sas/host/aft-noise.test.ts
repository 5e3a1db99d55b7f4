import { expect, test } from 'vitest';
import { NO_FEATURES } from '../../../src/sas/codec/features.ts';
import { meterCode } from '../../../src/sas/codec/meters.ts';
import type { AftOrder } from '../../../src/sas/host/aft-commands.ts';
import { createSasHost } from '../../../src/sas/host/host.ts';
import { discrepancies } from '../../../src/sas/simulator/audit.ts';
import { createEgm } from '../../../src/sas/simulator/egm.ts';
import { createLine } from '../../../src/sas/simulator/line.ts';
import { memoryLine } from '../../../src/sas/simulator/memory-port.ts';
import { createMessageFaults } from '../../../src/sas/simulator/message-faults.ts';
import { createPowerSwitch } from '../../../src/sas/simulator/power-switch.ts';
import { between, createRandom, pick, type Random } from '../../../src/sas/simulator/random.ts';
import { connect } from '../../../src/sas/simulator/wire.ts';
import { sized } from '../../support/soak.ts';
import { ASSET, anOrder } from './aft-orders.ts';
import { aTeller } from './aft-teller.ts';
import { aManualClock } from './manual-clock.ts';

const SHARE = 0.05;
const TRANSFERS = sized({ test: 40, soak: 2_000 });
const WALLET = 1_000_000n;

/** In either direction, in full or in part, sometimes of more than there is. */
function anyOrder(random: Random, number: number): AftOrder {
  const type = pick(random, ['HOST_TO_MACHINE', 'MACHINE_TO_HOST'] as const);
  const code = pick(random, ['FULL', 'PARTIAL'] as const);
  const cashable = BigInt(between(random, 1, 4_000));
  return anOrder({ type, code, cashable, transactionId: `FW-${number}` });
}

test.each([1, 2, 3])(
  'transfers on a line where one message in twenty is hit, the port closes and the power fails move all money once, seed %d',
  { timeout: 600_000 },
  async (seed) => {
    const random = createRandom(seed);
    const clock = aManualClock();
    let isBad = false;
    let hits = 0;
    const faults = () =>
      createMessageFaults({
        share: SHARE,
        random: () => (isBad ? random() : 1),
        clock,
        onFault: () => {
          hits += 1;
        },
      });
    const features = { ...NO_FEATURES, aft: true, extendedMeters: true, fastPolling: true };
    const settings = { assetNumber: ASSET, features, creditLimit: 9_000n };
    const machine = createPowerSwitch({ address: 1, clock, settings });
    const wire = memoryLine();
    const neighbour = createEgm({ address: 2, clock });
    connect(
      createLine({ egms: [machine, neighbour], faultsToHost: faults(), faultsToEgms: faults() }),
      wire.egm,
    );
    const teller = aTeller({ wallet: WALLET });
    const host = createSasHost({
      open: () => wire.open(),
      addresses: [1, 2],
      clock,
      random,
      meters: { fast: [meterCode('CURRENT_CREDITS')], slow: [] },
      timing: { reopenMaxMs: 1_000 },
      report: teller.report,
      beforeService: teller.beforeService,
    });
    host.start();
    using _asking = teller.ask(() => host, clock);
    await clock.advance(5_000);
    isBad = true;

    const ends = new Map<string, number>();
    for (let number = 1; number <= TRANSFERS; number += 1) {
      const sent = teller.send(host, anyOrder(random, number));
      await clock.advance(between(random, 0, 400));
      const cut = random();
      if (cut < 0.2) await wire.egm.unplug();
      else if (cut < 0.4) machine.cutPower();
      await clock.advance(between(random, 100, 3_000));
      await wire.egm.plug();
      machine.restorePower();
      for (let second = 0; second < 120 && teller.state === 'SENT'; second += 1) await clock.advance(1_000);
      await sent;
      ends.set(teller.state, (ends.get(teller.state) ?? 0) + 1);
      expect(teller.state, `transfer ${number}: ${teller.said.join(' ')}`).not.toBe('SENT');
    }
    isBad = false;
    await clock.advance(20_000);
    const { egm } = machine;
    if (egm === null) throw new Error('the power is off');
    expect(teller.contradictions).toEqual([]);
    expect(discrepancies(egm.state())).toEqual([]);
    const onMachine = egm.meters().get(meterCode('CURRENT_CREDITS')) ?? 0n;
    expect({ held: teller.held, sum: teller.wallet + onMachine }).toEqual({ held: 0n, sum: WALLET });
    expect(hits).toBeGreaterThan(TRANSFERS);
    expect([...ends.keys()]).toEqual(expect.arrayContaining(['SETTLED', 'REFUSED', 'NEVER_HAPPENED']));
    const disposed = host[Symbol.asyncDispose]();
    await clock.advance(1_000);
    await disposed;
    for (const each of [machine, neighbour]) each[Symbol.dispose]();
  },
);
