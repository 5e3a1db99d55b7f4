import type { Generated } from 'kysely';

export interface DeviceTable {
  id: string;
  venue_id: string;
  device_number: string;
  kind: 'SCREEN' | 'LAB_BOARD' | 'GATE' | 'SENSOR';
  serial_number: string;
  name: string;
  /** SHA-256 of the pairing code. */
  pairing_code_hash: Buffer;
  status: Generated<'ACTIVE' | 'REMOVED'>;
  created_at: Date;
}
