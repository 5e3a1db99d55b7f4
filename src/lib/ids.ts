import { uuidv7 } from 'uuidv7';

/** A new id: UUIDv7, sortable by creation, known before the row is written. */
export const newId = (): string => flat(uuidv7());

/** The same text in one piece: built by concatenation it is a tree of thirty, and ids are kept for long. */
const flat = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a string is a UUID in PostgreSQL's canonical, lower-case form. */
export const isUuid = (value: string): boolean => UUID.test(value);
