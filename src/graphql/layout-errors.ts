import { LayoutInUseError, LayoutNameTakenError, LayoutNotPublishedError } from '../signage/layout-errors.ts';
import { builder } from './builder.ts';
import { VersionConflictErrorType } from './domain-errors.ts';
import { errorType } from './error-type.ts';
import { encodeGlobalId } from './ids.ts';
import { LayoutType } from './layout-type.ts';

/** What making, changing and showing layouts may answer with besides; importing this file puts it into the schema. */

builder.objectField(VersionConflictErrorType, 'currentLayout', (t) =>
  t.field({
    type: LayoutType,
    nullable: true,
    description: 'Of a layout: the draft as it is now, to make the change on again. Null of anything else.',
    resolve: (error) => ('layoutId' in error ? String(error.layoutId) : null),
  }),
);

errorType(LayoutNameTakenError, {
  name: 'LayoutNameTakenError',
  description: 'Another layout of the venue has this name. Code API_001.',
});

errorType(LayoutNotPublishedError, {
  name: 'LayoutNotPublishedError',
  description: 'The layout was never published: no screen can show it. Code API_001.',
});

errorType(LayoutInUseError, {
  name: 'LayoutInUseError',
  description:
    'Screens show the layout or were pushed it, or a schedule or a takeover that goes on names it. Code API_001.',
  fields: (t) => ({
    deviceIds: t.idList({
      description: 'Which devices, at most 100.',
      resolve: ({ deviceIds }) => deviceIds.map((id) => encodeGlobalId('Device', id)),
    }),
    devices: t.exposeInt('devices', { description: 'How many they are.' }),
    scheduleIds: t.idList({
      description: 'Which schedules, at most 100.',
      resolve: ({ scheduleIds }) => scheduleIds.map((id) => encodeGlobalId('Schedule', id)),
    }),
    takeoverIds: t.idList({
      description: 'Which takeovers, at most 100.',
      resolve: ({ takeoverIds }) => takeoverIds.map((id) => encodeGlobalId('Takeover', id)),
    }),
  }),
});
