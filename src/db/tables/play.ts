export interface PlayTable {
  id: string;
  venue_id: string;
  device_id: string;
  play_id: string;
  batch_id: string;
  layout_id: string;
  layout_name: string;
  revision: number;
  region_id: string | null;
  region_name: string | null;
  media_id: string | null;
  media_name: string | null;
  started_at: Date;
  duration_ms: number;
  reported_at: Date;
}
