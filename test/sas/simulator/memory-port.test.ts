import { describe, expect, test } from 'vitest';
import { generalPoll, SYNC_POLL } from '../../../src/sas/codec/frame.ts';
import { formatSymbols, messageSymbols } from '../../../src/sas/codec/symbol.ts';
import type { Port } from '../../../src/sas/host/port.ts';
import { createEgm } from '../../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../../src/sas/simulator/floor.ts';
import { memoryLine, memoryPair } from '../../../src/sas/simulator/memory-port.ts';

/** Everything a port hears, in the notation of a line log. */
function hearing(port: Port): string[] {
  const heard: string[] = [];
  port.onSymbols((symbols) => heard.push(formatSymbols(symbols)));
  return heard;
}

/** Lets every delivery under way arrive. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

describe('a line in memory', () => {
  test('carries symbols both ways, later than send', async () => {
    const { host, egm } = memoryPair();
    const atHost = hearing(host);
    const atEgm: string[] = [];
    egm.onSymbols((symbols) => atEgm.push(formatSymbols(symbols)));
    host.send(messageSymbols(generalPoll(1)));
    egm.send([0x11]);
    expect([atHost, atEgm]).toEqual([[], []]);
    await settled();
    expect([atHost, atEgm]).toEqual([['11'], ['*81']]);
  });

  test('tells a close once, also to a listener that comes late, and is silent after it', async () => {
    const { host, egm } = memoryPair();
    const heard = hearing(host);
    const causes: (Error | null)[] = [];
    host.onClosed((cause) => causes.push(cause));
    await egm.unplug();
    await settled();
    expect(causes).toEqual([expect.objectContaining({ message: expect.stringMatching(/unplugged/) })]);
    host.send([0x01]);
    egm.send([0x02]);
    await settled();
    expect(heard).toEqual([]);

    const late = memoryPair();
    await late.egm.unplug();
    await settled();
    let told = 0;
    late.host.onClosed(() => {
      told += 1;
    });
    await settled();
    expect(told).toBe(1);
  });

  test('does not tell a close to whoever closed it', async () => {
    const { host, egm } = memoryPair();
    let told = 0;
    host.onClosed(() => {
      told += 1;
    });
    await host[Symbol.asyncDispose]();
    await egm.unplug();
    await settled();
    expect(told).toBe(0);
  });

  test('cannot be opened while unplugged, and closes the end before when opened again', async () => {
    const line = memoryLine();
    const first = await line.open();
    await line.egm.unplug();
    await expect(line.open()).rejects.toThrow(/unplugged/);
    await line.egm.plug();
    const second = await line.open();
    let closed = 0;
    second.onClosed(() => {
      closed += 1;
    });
    const third = await line.open();
    await settled();
    expect(closed).toBe(1);
    const heard = [hearing(first), hearing(second), hearing(third)];
    line.egm.send([0x17]);
    await settled();
    expect(heard).toEqual([[], [], ['17']]);
  });

  test('joins machines to a host', async () => {
    await using line = await createSimulatedLine({
      egms: [createEgm({ address: 1 }), createEgm({ address: 2 })],
      transport: { kind: 'MEMORY' },
    });
    const host = await line.memory?.open();
    if (host === undefined) throw new Error('no line in memory');
    const heard = hearing(host);
    host.send(messageSymbols(SYNC_POLL));
    host.send(messageSymbols(generalPoll(2)));
    await settled();
    expect(heard).toEqual(['17']);
    expect(line.address).toBe('memory:');
  });

  test('refuses two machines with one address', async () => {
    const egms = [createEgm({ address: 1 }), createEgm({ address: 1 })];
    await expect(createSimulatedLine({ egms, transport: { kind: 'MEMORY' } })).rejects.toThrow(RangeError);
  });
});
