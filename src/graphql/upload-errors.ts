import { UploadRejectedError } from '../signage/errors.ts';
import type { UploadRejection } from '../signage/stored-file.ts';
import { builder } from './builder.ts';
import { errorType } from './error-type.ts';

const UploadRejectionEnum = builder.enumType('UploadRejection', {
  description: 'Why a file is not taken. Clients must survive values they do not know.',
  values: {
    FILE_NAME: { description: 'Its name is none, or has a path in it.' },
    CONTENT_TYPE: { description: 'Files of this type are not taken for this purpose.' },
    TOO_LARGE: { description: 'It has more bytes than are taken for this purpose, or none.' },
    NOT_STAGED: {
      description: 'Nothing is expected with this token: it was used, was refused, or is over.',
    },
    NOT_ARRIVED: { description: 'It was announced, and has not come.' },
    SIZE_MISMATCH: { description: 'Another number of bytes came than was announced.' },
    INCOMPLETE: { description: 'It broke off.' },
    TOO_SLOW: { description: 'It stood still, or came too slowly.' },
    CHECKSUM_MISMATCH: { description: 'It has another SHA-256 than was announced.' },
    TYPE_MISMATCH: { description: 'By what is in it, it is not of the type that was announced.' },
    ARCHIVE: { description: 'It is packed.' },
    TOO_MANY_PIXELS: { description: 'It says that it is a larger image than is taken.' },
    SCANNER: { description: 'What looks for viruses here refuses it.' },
  } satisfies Record<UploadRejection, { description: string }>,
});

errorType(UploadRejectedError, {
  name: 'UploadRejectedError',
  description:
    'The file is not taken, and nothing of it is kept: stage it anew. `PUT` on its `url` answers with the same code, and the reason as `details.rejection`. Code API_041.',
  fields: (t) => ({
    rejection: t.expose('rejection', { type: UploadRejectionEnum, description: 'Why.' }),
  }),
});
