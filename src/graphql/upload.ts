import { makeOpaqueToken } from '../auth/opaque-token.ts';
import { ValidationError } from '../lib/errors.ts';
import { UploadRejectedError } from '../signage/errors.ts';
import {
  MAX_STAGED_OF_HOLDER,
  STAGED_MS,
  STORED_MS,
  UPLOAD_MARK,
  type UploadPurpose,
} from '../signage/stored-file.ts';
import { FIRMWARE_TYPE, MEDIA_TYPES, parseAnnounced, type UploadLimits } from '../signage/upload.ts';
import { type StagedUpload, stageUpload } from '../signage/upload-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './domain-errors.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import './upload-errors.ts';

declare module './context.ts' {
  interface Services {
    readonly uploadLimits: UploadLimits;
  }
}

const UploadPurposeEnum = builder.enumType('UploadPurpose', {
  description: 'What a file is uploaded for.',
  values: {
    MEDIA: { description: `For screens to show: ${Object.keys(MEDIA_TYPES).join(', ')}.` },
    FIRMWARE: { description: `For devices to run: ${FIRMWARE_TYPE}.` },
  } satisfies Record<UploadPurpose, { description: string }>,
});

const StageUploadSuccess = builder
  .objectRef<StagedUpload & { readonly uploadToken: string }>('StageUploadSuccess')
  .implement({
    description: 'The file is expected.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({
        description: messageDescription,
        resolve: () => 'Send the file to the url, then give the upload token.',
      }),
      url: t.field({
        type: 'URL',
        description:
          'Where the file is sent to, once: `PUT`, the file itself as the body, without credentials. It answers 201, or with an error (422 and API_041) that ends the upload.',
        resolve: ({ uploadToken }, _args, { info }) => `${info.url}/uploads/${uploadToken}`,
      }),
      uploadToken: t.exposeString('uploadToken', {
        description: `What \`uploadMedia\` or \`uploadFirmware\` takes once the file has come, within ${STORED_MS / 3_600_000} h of that. Shown this once.`,
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: `Until when it has to begin to come: ${STAGED_MS / 60_000} min.`,
      }),
    }),
  });

const StageUploadInput = builder.inputType('StageUploadInput', {
  description: 'What the file is, before it is sent. It is taken if it is exactly that.',
  fields: (t) => ({
    purpose: t.field({ type: UploadPurposeEnum, required: true, description: 'What it is for.' }),
    fileName: t.string({
      required: true,
      description: 'Its name, without a path: at most 200 bytes (UploadRejectedError).',
    }),
    contentType: t.string({
      required: true,
      description: 'One of the types of its purpose; what is in the file must be that (UploadRejectedError).',
    }),
    byteSize: t.field({
      type: 'BigInt',
      required: true,
      description: 'How many bytes it has, 1 to what the server takes (UploadRejectedError).',
    }),
    sha256: t.string({ required: true, description: 'Its SHA-256, 64 hexadecimal digits.' }),
  }),
});

builder.mutationField('stageUpload', (t) =>
  t.field({
    type: StageUploadSuccess,
    nullable: true,
    authScopes: { anyScope: ['SIGNAGE_WRITE', 'FIRMWARE_WRITE', 'BOOKINGS_WRITE'] },
    description: `Announces a file. It is sent apart from GraphQL, and checked while it comes: its size, its SHA-256, what is in it. Needs SIGNAGE_WRITE for media, FIRMWARE_WRITE for firmware; firmware takes BOOKINGS_WRITE too from who has booked a device for this very moment (AUTH_004), and then at most ${MAX_STAGED_OF_HOLDER} files on their way (ValidationError).`,
    args: { input: t.arg({ type: StageUploadInput, required: true, description: 'What it is.' }) },
    errors: { types: [ValidationError, UploadRejectedError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const announced = parseAnnounced(input, context.uploadLimits);
      const made = makeOpaqueToken(UPLOAD_MARK);
      const staged = await context.runWork(context.actor, (work) =>
        stageUpload(work, { venueId: venueIdOf(context), announced, made }),
      );
      return { ...staged, uploadToken: made.token };
    },
  }),
);
