import { readExportFile } from '../export/file-reading.ts';
import type { StorageSettings } from '../file-settings.ts';
import type { FileRoutes } from '../http/routes.ts';
import { diskStorage } from '../signage/disk-storage.ts';
import { createMediaAddresses, type MediaAddresses } from '../signage/media-address.ts';
import { readMedia } from '../signage/media-reading.ts';
import { commandScanner, NO_SCANNER } from '../signage/scanner.ts';
import type { Storage } from '../signage/storage.ts';
import { createUploadDesk } from '../signage/upload-desk.ts';
import { startFileSweep } from '../signage/upload-jobs.ts';
import type { Ground } from './ground.ts';

/** How files come, where they are kept and how they go. */
export interface Files {
  readonly storage: Storage;
  readonly addresses: MediaAddresses;
  readonly routes: FileRoutes;
}

export async function startFiles({ config, db, runWork, onError, running }: Ground): Promise<Files> {
  const { folder, scanner } = config.uploads;
  const storage = await openStorage(config.storage);
  const addresses = createMediaAddresses(config);
  running.add(startFileSweep({ db, runWork, storage, folder, onError }));
  const scan = scanner ? commandScanner(scanner) : NO_SCANNER;
  const desk = running.add(createUploadDesk({ runWork, storage, folder, scan, onError }));
  return {
    storage,
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
async function openStorage(settings: StorageSettings): Promise<Storage> {
  if (settings.kind === 'DISK') return diskStorage(settings.folder);
  const { s3Storage } = await import('../signage/s3-storage.ts');
  return s3Storage(settings);
}
