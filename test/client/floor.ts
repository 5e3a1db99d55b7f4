import { afterAll } from 'vitest';
import WebSocket from 'ws';
import {
  createFloorClient,
  type FloorClient,
  type FloorClientOptions,
} from '../../src/client/floor-client.ts';
import type { Config } from '../../src/config.ts';
import { system } from '../../src/lib/actor.ts';
import { recordException } from '../../src/machine/service.ts';
import { aFloorApp, type FloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { type FastTimers, fastTimers } from '../support/fast-timers.ts';
import { type FlakyProxy, flakyProxy } from '../support/flaky-proxy.ts';

/** A floor behind a way that can be cut, and clients of it. */
export interface ClientFloor {
  readonly floor: FloorApp;
  readonly proxy: FlakyProxy;
  readonly url: string;
  /** Of the OPERATOR, with timers that take a hundredth of the time. Ends with the tests. */
  client(options?: Partial<FloorClientOptions>): FloorClient & { readonly timers: FastTimers };
  /** Raises events of the first machine one after the other, each numbered by its exception code, from `first` on. */
  raise(count: number, first?: number): Promise<void>;
}

/** The doors of the first machine: what `raise` raises. */
export const DOORS = `subscription Doors($after: Cursor) {
  machineEvents(types: [SLOT_DOOR_OPENED], after: $after) { exceptionCode cursor }
}`;

export interface Door {
  readonly machineEvents: { readonly exceptionCode: number; readonly cursor: string };
}

const LINE = system('test');

export async function aClientFloor(settings: Partial<Config> = {}): Promise<ClientFloor> {
  const floor = await aFloorApp({ machines: 1, settings });
  const proxy = await flakyProxy(() => Number(new URL(floor.app().url).port));
  const clients: FloorClient[] = [];
  afterAll(async () => {
    for (const client of clients) client.dispose();
    await proxy[Symbol.asyncDispose]();
  });
  const url = `${proxy.url}/graphql`;
  const machineId = Buffer.from(floor.machineIds[0] ?? '', 'base64url')
    .toString()
    .replace('Machine:', '');
  return {
    floor,
    proxy,
    url,
    client(options = {}) {
      const timers = fastTimers();
      const token = () => floor.token('OPERATOR');
      const client = createFloorClient({ url, token, webSocketImpl: WebSocket, timers, ...options });
      clients.push(client);
      return Object.assign(Object.create(client), { timers });
    },
    async raise(count, first = 1) {
      const { runWork } = floor.app().services;
      for (let number = first; number < first + count; number += 1) {
        await runWork(LINE, (work) =>
          recordException(work, {
            venueId: floor.venueId,
            machineId,
            type: 'SLOT_DOOR_OPENED',
            exceptionCode: number,
            data: null,
            occurredAt: new Date(),
          }),
        );
      }
    },
  };
}

/** Collects the numbers of the doors it hears of. */
export function listener() {
  const codes: number[] = [];
  const errors: unknown[] = [];
  return {
    codes,
    errors,
    next: ({ data }: { readonly data?: Door | null }) =>
      void codes.push(data?.machineEvents.exceptionCode ?? 0),
    error: (error: unknown) => void errors.push(error),
  };
}

/** Waits for what the tests listen for, however slow the machine is. */
export const heard = <Value>(condition: () => Value) => eventually(condition, { deadlineMs: 60_000 });

export const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 1);
