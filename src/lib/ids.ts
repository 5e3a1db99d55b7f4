import { uuidv7 } from 'uuidv7';

/** A new id: UUIDv7, sortable by creation, known before the row is written. */
export const newId = (): string => uuidv7();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a string is a UUID in PostgreSQL's canonical, lower-case form. */
export const isUuid = (value: string): boolean => UUID.test(value);
