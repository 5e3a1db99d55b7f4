import type { Timers } from '../client/timers.ts';
import { DeskError, type PlayerDesk } from './desk.ts';
import { FIRMWARE } from './documents.ts';
import { DownloadError, type WantedFile } from './download.ts';

/** A firmware that the player may have, as `FirmwareOffered` brings it: by its deployment. */
export interface OfferedFirmware {
  readonly id: string;
  /** Null: it is not there any more. */
  readonly firmware: (WantedFile & { readonly version: string }) | null;
}

/** What a player runs: a screen in software has nothing to put it in but its memory. */
export interface InstalledFirmware {
  readonly version: string;
  readonly sha256: string;
  readonly deploymentId: string;
}

/** Installs what the player is offered, and says how far it is. */
export interface FirmwareDesk {
  hear(offered: OfferedFirmware): void;
  /** The files it needs, by SHA-256. */
  files(): readonly string[];
  stop(): void;
}

export interface FirmwareDeskOptions {
  readonly desk: PlayerDesk;
  readonly timers: Timers;
  /** @throws DownloadError */
  readonly fetchFile: (file: WantedFile, signal: AbortSignal) => Promise<void>;
  /** Null: nothing that it was given. */
  readonly installed: InstalledFirmware | null;
  /** Told what it runs from now on; resolves when that outlives the player. */
  readonly onInstalled: (installed: InstalledFirmware) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

const RETRY_MS = 5_000;
/** So often a file is asked for. */
const ATTEMPTS = 5;

type Report =
  | { readonly state: 'DOWNLOADING' | 'INSTALLING' | 'UP_TO_DATE' }
  | { readonly state: 'VERIFYING'; readonly sha256: string }
  | {
      readonly state: 'FAILED';
      readonly failure: 'CHECKSUM_MISMATCH' | 'DOWNLOAD_FAILED' | 'INSTALL_FAILED' | 'OTHER';
      readonly message: string;
      readonly sha256?: string;
    };

export function createFirmwareDesk(options: FirmwareDeskOptions): FirmwareDesk {
  const { desk, timers, fetchFile, onInstalled, onError } = options;
  const ending = new AbortController();
  let { installed } = options;
  let wanted: OfferedFirmware | null = null;
  let attempts = 0;
  let isWorking = false;
  let cancel = () => {};

  /** Whether it is to be gone on with. */
  async function report(deploymentId: string, said: Report): Promise<boolean> {
    const request = { query: FIRMWARE, variables: { input: { deploymentId, ...said } } };
    try {
      const { update } = await desk.ask<{ readonly update: { readonly state: string } }>(
        'reportFirmwareProgress',
        request,
      );
      return update.state !== 'FAILED' && update.state !== 'CANCELLED';
    } catch (error) {
      // It was too late for it, or the device is to have it no more.
      if (!(error instanceof DeskError)) throw error;
      return false;
    }
  }

  async function update({ id, firmware }: OfferedFirmware): Promise<void> {
    if (installed?.deploymentId === id) return void (await report(id, { state: 'UP_TO_DATE' }));
    if (!firmware) {
      const message = 'The firmware is not there any more.';
      return void (await report(id, { state: 'FAILED', failure: 'OTHER', message }));
    }
    if (!(await report(id, { state: 'DOWNLOADING' }))) return;
    const failed = await fetchOrFail(firmware);
    if (failed) return void (await report(id, failed));
    const { version, sha256 } = firmware;
    if (!(await report(id, { state: 'VERIFYING', sha256 }))) return;
    if (!(await report(id, { state: 'INSTALLING' }))) return;
    installed = { version, sha256, deploymentId: id };
    await onInstalled(installed);
    await report(id, { state: 'UP_TO_DATE' });
  }

  /** @throws what may be otherwise the next time */
  async function fetchOrFail(file: WantedFile): Promise<Report | null> {
    attempts += 1;
    try {
      await fetchFile(file, ending.signal);
      return null;
    } catch (error) {
      if (error instanceof DownloadError && error.sha256 !== null) {
        const { message, sha256 } = error;
        return { state: 'FAILED', failure: 'CHECKSUM_MISMATCH', message, sha256 };
      }
      if (attempts < ATTEMPTS || ending.signal.aborted) throw error;
      return error instanceof DownloadError
        ? { state: 'FAILED', failure: 'DOWNLOAD_FAILED', message: error.message }
        : { state: 'FAILED', failure: 'INSTALL_FAILED', message: 'It cannot be kept.' };
    }
  }

  async function work(): Promise<void> {
    cancel();
    if (isWorking || ending.signal.aborted) return;
    isWorking = true;
    try {
      for (let own = wanted; own && !ending.signal.aborted; own = wanted) {
        await update(own);
        if (wanted === own) wanted = null;
      }
    } catch (error) {
      if (ending.signal.aborted) return;
      onError(error);
      cancel = timers.after(RETRY_MS, () => void work());
    } finally {
      isWorking = false;
    }
  }

  return {
    hear(offered) {
      if (wanted?.id !== offered.id) attempts = 0;
      // It comes with a fresh address.
      wanted = offered;
      void work();
    },
    files: () => [wanted?.firmware?.sha256, installed?.sha256].flatMap((sha256) => sha256 ?? []),
    stop() {
      ending.abort();
      cancel();
    },
  };
}
