import type { ColumnType, Generated } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;

export type AlertMetric =
  | 'MACHINES_OFFLINE'
  | 'SAS_LINES_DOWN'
  | 'SAS_LINES_SILENT'
  | 'AFT_TRANSFERS_IN_DOUBT'
  | 'HANDPAYS_WAITING'
  | 'DEVICES_OFFLINE'
  | 'PARKING_OCCUPANCY_PERCENT'
  | 'FAILED_SIGN_INS'
  | 'LOCK_OUTS';
export type AlertComparison = 'ABOVE' | 'BELOW';
export type AlertSeverity = 'INFO' | 'WARNING' | 'CRITICAL';
export type AlertResolution = 'RECOVERED' | 'RULE_CHANGED' | 'RULE_DISABLED' | 'RULE_DELETED';

export interface AlertRuleTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  name: string;
  metric: AlertMetric;
  lot_id: string | null;
  window_seconds: number | null;
  comparison: AlertComparison;
  threshold: number;
  hold_seconds: number;
  clear_seconds: number;
  severity: AlertSeverity;
  is_enabled: boolean;
  value: number | null;
  measured_at: Date | null;
  turning_since: Date | null;
  due_at: Date | null;
  version: Generated<number>;
  created_at: Fixed<Date>;
  updated_at: Date;
}

export interface AlertTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  rule_id: Fixed<string | null>;
  name: Fixed<string>;
  metric: Fixed<AlertMetric>;
  lot_id: Fixed<string | null>;
  window_seconds: Fixed<number | null>;
  comparison: Fixed<AlertComparison>;
  threshold: Fixed<number>;
  severity: Fixed<AlertSeverity>;
  value: Fixed<number>;
  fired_at: Fixed<Date>;
  resolved_at: ColumnType<Date | null, undefined, Date>;
  resolution: ColumnType<AlertResolution | null, undefined, AlertResolution>;
  resolved_value: ColumnType<number | null, undefined, number | null>;
  acknowledged_at: ColumnType<Date | null, undefined, Date>;
  acknowledged_by: ColumnType<{ kind: string; id: string | null } | null, undefined, string>;
}
