import { readExportFile } from '../export/file-reading.ts';
import type { StorageSettings } from '../file-settings.ts';
import type { FileRoutes } from '../http/routes.ts';
import type { Running } from '../lib/running.ts';
import { diskStorage } from '../signage/disk-storage.ts';
import { createMediaAddresses, type MediaAddresses } from '../signage/media-address.ts';
import { readMedia } from '../signage/media-reading.ts';
import { commandScanner, NO_SCANNER } from '../signage/scanner.ts';
import type { Storage } from '../signage/storage.ts';
import { createUploadDesk } from '../signage/upload-desk.ts';
import { startFileSweep } from '../signage/upload-jobs.ts';
import { watchStorage } from '../signage/watched-storage.ts';
import type { Ground } from './ground.ts';

/** How files come, where they are kept and how they go. */
export interface Files {
  readonly storage: Storage;
  /** Whether what keeps them is far away and did not do what it was asked last; null where it is this computer. */
  readonly isStorageFailing: (() => boolean) | null;
  readonly addresses: MediaAddresses;
  readonly routes: FileRoutes;
}

export async function startFiles({ config, db, runWork, onError, running }: Ground): Promise<Files> {
  const { folder, scanner } = config.uploads;
  const { storage, isStorageFailing } = await openStorage(config.storage, running);
  const addresses = createMediaAddresses(config);
  running.add(startFileSweep({ db, runWork, storage, folder, onError }));
  const scan = scanner ? commandScanner(scanner) : NO_SCANNER;
  const desk = running.add(createUploadDesk({ runWork, storage, folder, scan, onError }));
  return {
    storage,
    isStorageFailing,
    addresses,
    routes: {
      async receive(token, body) {
        const { contentType, byteSize, sha256 } = await desk.receive(token, body);
        return { contentType, byteSize: String(byteSize), sha256: sha256.toString('hex') };
      },
      readMedia: (asked) => readMedia({ db, storage, addresses }, asked, new Date()),
      readExport: (asked) => readExportFile({ db, runWork, storage }, { ...asked, now: new Date() }),
    },
  };
}

/** The client of S3 is large, and loaded where it is used. */
async function openStorage(
  settings: StorageSettings,
  running: Running,
): Promise<Pick<Files, 'storage' | 'isStorageFailing'>> {
  if (settings.kind === 'DISK') return { storage: diskStorage(settings.folder), isStorageFailing: null };
  const { s3Storage, tryBucket } = await import('../signage/s3-storage.ts');
  const stopping = new AbortController();
  running.add({ [Symbol.asyncDispose]: async () => stopping.abort() });
  const isThere = async () => (await tryBucket(settings, stopping.signal)) === null;
  const { storage, isFailing } = watchStorage(s3Storage(settings), isThere);
  return { storage, isStorageFailing: isFailing };
}
