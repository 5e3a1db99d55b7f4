/** The settings of a port as a port server is told them (RFC 2217). */
import { telnetSubnegotiation } from './telnet.ts';
import type { WireFormat } from './wire-format.ts';

export const BINARY = 0;
export const COM_PORT = 44;

const SET_BAUDRATE = 1;
const SET_DATASIZE = 2;
const SET_PARITY = 3;
const SET_STOPSIZE = 4;
const SET_CONTROL = 5;
const SET_LINESTATE_MASK = 10;
const SET_MODEMSTATE_MASK = 11;
const PURGE_DATA = 12;
/** The server answers each command with the code this much higher. */
const ANSWER = 100;

/** One command; the server answers with the value that is in effect from then on. */
export interface ComPortSetting {
  readonly what: string;
  readonly command: number;
  readonly value: readonly number[];
}

const setting = (what: string, command: number, ...value: number[]): ComPortSetting => ({
  what,
  command,
  value,
});

/** 19200 baud, 8 data bits, no flow control. */
export const LINE_SETTINGS: readonly ComPortSetting[] = [
  setting('the rate', SET_BAUDRATE, 0x00, 0x00, 0x4b, 0x00),
  setting('the data bits', SET_DATASIZE, 8),
];

/** What a server may leave unanswered: no flow control, DTR and RTS on, nothing told unasked, buffers emptied. */
export const COURTESIES: readonly ComPortSetting[] = [
  setting('flow control', SET_CONTROL, 1),
  setting('DTR', SET_CONTROL, 8),
  setting('RTS', SET_CONTROL, 11),
  setting('line states', SET_LINESTATE_MASK, 0),
  setting('modem states', SET_MODEMSTATE_MASK, 0),
  setting('the buffers', PURGE_DATA, 3),
];

const PARITY: Readonly<Record<WireFormat, number>> = {
  TWO_STOP_BITS: 1,
  ODD: 2,
  EVEN: 3,
  MARK: 4,
  SPACE: 5,
};

/** What leads from one format to another; everything when the one before is not known. */
export function formatSettings(from: WireFormat | null, to: WireFormat): readonly ComPortSetting[] {
  if (from === to) return [];
  const parity = setting(`${to} parity`, SET_PARITY, PARITY[to]);
  const stops = setting('the stop bits', SET_STOPSIZE, to === 'TWO_STOP_BITS' ? 2 : 1);
  const sameStops = from !== null && (from === 'TWO_STOP_BITS') === (to === 'TWO_STOP_BITS');
  return sameStops ? [parity] : [parity, stops];
}

export const encodeSetting = ({ command, value }: ComPortSetting): number[] =>
  telnetSubnegotiation(COM_PORT, [command, ...value]);

/** Whether the server's answer is about this setting. */
export const isAnswerTo = ({ command }: ComPortSetting, [code]: readonly number[]): boolean =>
  code === command + ANSWER;

/** Whether it says that the setting is in effect. */
export const isGranted = ({ value }: ComPortSetting, [, ...answer]: readonly number[]): boolean =>
  answer.length === value.length && answer.every((byte, at) => byte === value[at]);
