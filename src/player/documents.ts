import type { PlayedCommand } from './command.ts';
import type { PlayedLayout } from './layout.ts';
import type { PlayedValue } from './value-text.ts';

/** What a device hears on its own stream. */
export type PlayerUpdate =
  | {
      readonly __typename: 'LayoutPushed';
      readonly displayVersion: string;
      readonly layout: PlayedLayout | null;
    }
  | { readonly __typename: 'DeviceCommandIssued'; readonly command: PlayedCommand | null }
  | {
      readonly __typename: 'BoundValueChanged';
      readonly displayVersion: string;
      readonly regionIds: readonly string[];
      readonly value: PlayedValue | null;
    };

export const PLAYER = `subscription Player($after: Cursor) {
  player(after: $after) {
    __typename
    cursor
    ... on LayoutPushed {
      displayVersion
      layout {
        name revision width height
        regions {
          regionId name x y width height z
          content { __typename ... on TextContent { text } }
        }
      }
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
}`;

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
