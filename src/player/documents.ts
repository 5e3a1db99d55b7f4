import type { PlayedCommand } from './command.ts';
import type { OfferedFirmware } from './firmware-desk.ts';
import type { PlayedLayout } from './layout.ts';
import type { PushedLayout } from './show.ts';
import type { PlayedValue } from './value-text.ts';

/** What a device hears on its own stream. */
export type PlayerUpdate =
  | ({ readonly __typename: 'LayoutPushed' } & PushedLayout)
  | { readonly __typename: 'ContentChanged' }
  | { readonly __typename: 'FirmwareOffered'; readonly deployment: OfferedFirmware | null }
  | { readonly __typename: 'DeviceCommandIssued'; readonly command: PlayedCommand | null }
  | {
      readonly __typename: 'BoundValueChanged';
      readonly displayVersion: string;
      readonly regionIds: readonly string[];
      readonly value: PlayedValue | null;
    };

const SHOWN = `fragment Shown on LayoutRevision {
  layoutId revision name width height
  regions {
    regionId name x y width height z
    content {
      __typename
      ... on TextContent { text }
      ... on MediaContent { media { ...Medium } }
      ... on PlaylistContent { playlist { name items { duration media { ...Medium } } } }
    }
  }
}
fragment Medium on Media { id name kind fileName width height url sha256 byteSize }`;

export const PLAYER = `subscription Player($after: Cursor) {
  player(after: $after) {
    __typename
    cursor
    ... on LayoutPushed {
      displayVersion
      layout { ...Shown }
    }
    ... on FirmwareOffered {
      deployment { id firmware { version url sha256 byteSize } }
    }
    ... on DeviceCommandIssued {
      command { id kind parameters { seconds on } }
    }
    ... on BoundValueChanged {
      displayVersion
      regionIds
      value {
        __typename
        ... on BoundJackpot { name amount { formatted } }
        ... on BoundMeter { name label value money { formatted } }
        ... on BoundOccupancy { name capacity free isStale }
        ... on BoundSlotBoard { name date slots { startTime endTime state } }
        ... on BoundMessage { type data }
      }
    }
  }
}
${SHOWN}`;

/** What the device shall show, as it is now. */
export const DISPLAY = `query {
  viewer { device { display { displayVersion desired { ...Shown } } } }
}
${SHOWN}`;

/** What `viewer` answers to that. */
export interface DisplayAnswer {
  readonly device: {
    readonly display: { readonly displayVersion: string; readonly desired: PlayedLayout | null } | null;
  } | null;
}

export const APPLIED = `mutation ($input: ReportLayoutAppliedInput!) {
  reportLayoutApplied(input: $input) {
    ... on ReportLayoutAppliedSuccess { __typename }
    ... on Error { code message }
  }
}`;

export const STATUS = `mutation ($input: ReportDeviceStatusInput!) {
  reportDeviceStatus(input: $input) {
    ... on ReportDeviceStatusSuccess { heartbeatSeconds }
    ... on Error { code message }
  }
}`;

export const ACKNOWLEDGE = `mutation ($input: AcknowledgeCommandInput!) {
  acknowledgeCommand(input: $input) {
    ... on AcknowledgeCommandSuccess { __typename }
    ... on Error { code message }
  }
}`;

export const PLAYS = `mutation ($input: ReportPlaysInput!) {
  reportPlays(input: $input) {
    ... on ReportPlaysSuccess { __typename }
    ... on Error { code message }
  }
}`;

export const FIRMWARE = `mutation ($input: ReportFirmwareProgressInput!) {
  reportFirmwareProgress(input: $input) {
    ... on ReportFirmwareProgressSuccess { update { state } }
    ... on Error { code message }
  }
}`;
