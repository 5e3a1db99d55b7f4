import type { AftReconciliationTable, AftTransferTable } from './tables/aft.ts';
import type { AlertRuleTable, AlertTable } from './tables/alert.ts';
import type {
  AccountMailRequestTable,
  AccountTokenTable,
  ApiKeyTable,
  AppUserTable,
  AuthSessionTable,
  RealtimeTokenTable,
  RecoveryCodeTable,
  RefreshTokenTable,
  SecondFactorTable,
  SignInChallengeTable,
  SignInFailureTable,
  SigningKeyTable,
  UserGrantTable,
  UserRoleTable,
} from './tables/auth.ts';
import type {
  BookingLimitTable,
  BookingSeriesTable,
  BookingTable,
  CalendarFeedTable,
  ResourceTable,
  SlotClaimTable,
  SlotHoldTable,
  WaitlistEntryTable,
} from './tables/booking.ts';
import type { BulkExportTable } from './tables/bulk-export.ts';
import type { ChannelDeliveryTable, ChannelMessageTable } from './tables/channel.ts';
import type {
  DeviceCommandTable,
  DeviceGroupMemberTable,
  DeviceGroupTable,
  DeviceStatusChangeTable,
  DeviceStatusTable,
  DeviceTable,
} from './tables/device.ts';
import type {
  AuditEntryTable,
  EventLogAnchorTable,
  EventLogIdentityTable,
  EventLogIncarnationTable,
  EventLogTable,
  OutboxTable,
  ReactorLeftoverTable,
  ReactorTable,
} from './tables/events.ts';
import type { DeploymentTable, FirmwareTable, FirmwareUpdateTable } from './tables/firmware.ts';
import type { LayoutEditorTable, LayoutPushTable } from './tables/layout.ts';
import type {
  DiscoveredAddressTable,
  HandpayTable,
  JackpotTable,
  JackpotWinTable,
  LineDiscoveryTable,
  MachineClockTable,
  MachineCommandTable,
  MachineEventAcknowledgementTable,
  MachineEventTable,
  MachineGameTable,
  MachineHeldExceptionTable,
  MachineMeterReadingTable,
  MachineMeterTable,
  MachineRecoveryTable,
  MachineTable,
  MeterGapTable,
  MeterHistoryTable,
  RomSignatureTable,
  SasLineLeaseTable,
  SasLineStatusTable,
  SasLineTable,
} from './tables/machine.ts';
import type { MailOutboxTable } from './tables/mail.ts';
import type {
  MediaRevisionTable,
  MediaTable,
  PlaylistItemTable,
  PlaylistTable,
  StoredFileTable,
} from './tables/media.ts';
import type {
  NoticeToldTable,
  NotificationPreferenceTable,
  NotificationTable,
} from './tables/notification.ts';
import type { LinkedIdentityTable, OAuthStateTable } from './tables/oauth.ts';
import type {
  ParkingClaimTable,
  ParkingLotTable,
  ParkingOccupancyTable,
  ParkingRateTable,
  ParkingReservationTable,
  ParkingSessionTable,
  ParkingSpaceTable,
} from './tables/parking.ts';
import type { PlayTable } from './tables/play.ts';
import type { RealtimeConnectionTable, RealtimeProcessTable } from './tables/realtime.ts';
import type { ScheduleTable, TakeoverDeviceTable, TakeoverTable } from './tables/schedule.ts';
import type { DeviceDisplayTable, LayoutRevisionTable, LayoutTable } from './tables/signage.ts';
import type { VenueTable } from './tables/venue.ts';
import type {
  IdempotencyKeyTable,
  LedgerAccountTable,
  LedgerEntryTable,
  LedgerTransactionTable,
  WalletHoldTable,
} from './tables/wallet.ts';

/** Every table, one interface. A domain's row types are in `tables/<domain>.ts`. */
export interface Database {
  venue: VenueTable;
  outbox: OutboxTable;
  event_log: EventLogTable;
  event_log_anchor: EventLogAnchorTable;
  event_log_identity: EventLogIdentityTable;
  event_log_incarnation: EventLogIncarnationTable;
  audit_entry: AuditEntryTable;
  reactor: ReactorTable;
  reactor_leftover: ReactorLeftoverTable;
  app_user: AppUserTable;
  user_grant: UserGrantTable;
  user_role: UserRoleTable;
  auth_session: AuthSessionTable;
  refresh_token: RefreshTokenTable;
  sign_in_failure: SignInFailureTable;
  realtime_token: RealtimeTokenTable;
  signing_key: SigningKeyTable;
  second_factor: SecondFactorTable;
  recovery_code: RecoveryCodeTable;
  sign_in_challenge: SignInChallengeTable;
  linked_identity: LinkedIdentityTable;
  oauth_state: OAuthStateTable;
  api_key: ApiKeyTable;
  device: DeviceTable;
  device_group: DeviceGroupTable;
  device_group_member: DeviceGroupMemberTable;
  device_status: DeviceStatusTable;
  device_status_change: DeviceStatusChangeTable;
  device_command: DeviceCommandTable;
  account_token: AccountTokenTable;
  account_mail_request: AccountMailRequestTable;
  mail_outbox: MailOutboxTable;
  sas_line: SasLineTable;
  sas_line_status: SasLineStatusTable;
  line_discovery: LineDiscoveryTable;
  discovered_address: DiscoveredAddressTable;
  sas_line_lease: SasLineLeaseTable;
  machine: MachineTable;
  machine_meter: MachineMeterTable;
  machine_meter_reading: MachineMeterReadingTable;
  meter_history: MeterHistoryTable;
  meter_gap: MeterGapTable;
  machine_event: MachineEventTable;
  machine_event_acknowledgement: MachineEventAcknowledgementTable;
  machine_held_exception: MachineHeldExceptionTable;
  machine_command: MachineCommandTable;
  handpay: HandpayTable;
  machine_clock: MachineClockTable;
  machine_game: MachineGameTable;
  rom_signature: RomSignatureTable;
  machine_recovery: MachineRecoveryTable;
  jackpot: JackpotTable;
  jackpot_win: JackpotWinTable;
  realtime_process: RealtimeProcessTable;
  realtime_connection: RealtimeConnectionTable;
  channel_message: ChannelMessageTable;
  channel_delivery: ChannelDeliveryTable;
  notice_told: NoticeToldTable;
  notification: NotificationTable;
  notification_preference: NotificationPreferenceTable;
  ledger_account: LedgerAccountTable;
  wallet_hold: WalletHoldTable;
  ledger_transaction: LedgerTransactionTable;
  ledger_entry: LedgerEntryTable;
  idempotency_key: IdempotencyKeyTable;
  aft_transfer: AftTransferTable;
  aft_reconciliation: AftReconciliationTable;
  resource: ResourceTable;
  booking: BookingTable;
  booking_limit: BookingLimitTable;
  booking_series: BookingSeriesTable;
  calendar_feed: CalendarFeedTable;
  slot_hold: SlotHoldTable;
  slot_claim: SlotClaimTable;
  waitlist_entry: WaitlistEntryTable;
  parking_lot: ParkingLotTable;
  parking_space: ParkingSpaceTable;
  parking_rate: ParkingRateTable;
  parking_reservation: ParkingReservationTable;
  parking_session: ParkingSessionTable;
  parking_claim: ParkingClaimTable;
  parking_occupancy: ParkingOccupancyTable;
  layout: LayoutTable;
  layout_editor: LayoutEditorTable;
  layout_push: LayoutPushTable;
  layout_revision: LayoutRevisionTable;
  device_display: DeviceDisplayTable;
  stored_file: StoredFileTable;
  firmware: FirmwareTable;
  deployment: DeploymentTable;
  firmware_update: FirmwareUpdateTable;
  media: MediaTable;
  media_revision: MediaRevisionTable;
  playlist: PlaylistTable;
  playlist_item: PlaylistItemTable;
  schedule: ScheduleTable;
  takeover: TakeoverTable;
  takeover_device: TakeoverDeviceTable;
  play: PlayTable;
  alert_rule: AlertRuleTable;
  alert: AlertTable;
  bulk_export: BulkExportTable;
}
