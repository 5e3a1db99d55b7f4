/** The telnet stream a port server speaks: data, and commands set off by FF (RFC 854, 855). */

export const IAC = 0xff;
export const WILL = 0xfb;
export const WONT = 0xfc;
export const DO = 0xfd;
export const DONT = 0xfe;
const SB = 0xfa;
const SE = 0xf0;

export type TelnetVerb = typeof WILL | typeof WONT | typeof DO | typeof DONT;

export type TelnetPiece =
  | { readonly kind: 'DATA'; readonly bytes: readonly number[] }
  | { readonly kind: 'NEGOTIATION'; readonly verb: TelnetVerb; readonly option: number }
  | { readonly kind: 'SUBNEGOTIATION'; readonly option: number; readonly payload: readonly number[] };

/** Data as they are sent: FF doubled. */
export const telnetData = (bytes: Uint8Array): number[] =>
  Array.from(bytes).flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte]));

export const telnetNegotiation = (verb: TelnetVerb, option: number): number[] => [IAC, verb, option];

export const telnetSubnegotiation = (option: number, payload: readonly number[]): number[] => [
  IAC,
  SB,
  option,
  ...telnetData(Uint8Array.from(payload)),
  IAC,
  SE,
];

/** Longer than any answer of a port server; more is noise that is not kept. */
const LONGEST_SUBNEGOTIATION = 64;

type State = 'DATA' | 'COMMAND' | 'OPTION' | 'SUB' | 'SUB_COMMAND';

/** Takes the stream apart; what a chunk leaves incomplete waits for the next. */
export function createTelnetReader(): { push(chunk: Uint8Array): TelnetPiece[] } {
  let state: State = 'DATA';
  let verb: TelnetVerb = DONT;
  let inside: number[] = [];
  let data: number[] = [];

  function next(byte: number, out: TelnetPiece[]): void {
    switch (state) {
      case 'DATA':
        if (byte === IAC) state = 'COMMAND';
        else data.push(byte);
        return;
      case 'COMMAND':
        state = afterCommand(byte);
        return;
      case 'OPTION':
        finishData(out);
        out.push({ kind: 'NEGOTIATION', verb, option: byte });
        state = 'DATA';
        return;
      case 'SUB':
        if (byte === IAC) state = 'SUB_COMMAND';
        else keep(byte);
        return;
      case 'SUB_COMMAND':
        if (byte === IAC) keep(byte);
        if (byte === SE) finish(out);
        state = byte === SE ? 'DATA' : 'SUB';
    }
  }

  function afterCommand(byte: number): State {
    if (byte === IAC) data.push(byte);
    if (isVerb(byte)) {
      verb = byte;
      return 'OPTION';
    }
    if (byte !== SB) return 'DATA';
    inside = [];
    return 'SUB';
  }

  function keep(byte: number): void {
    if (inside.length < LONGEST_SUBNEGOTIATION) inside.push(byte);
  }

  function finish(out: TelnetPiece[]): void {
    finishData(out);
    const [option, ...payload] = inside;
    if (option !== undefined) out.push({ kind: 'SUBNEGOTIATION', option, payload });
  }

  function finishData(out: TelnetPiece[]): void {
    if (data.length > 0) out.push({ kind: 'DATA', bytes: data });
    data = [];
  }

  return {
    push(chunk) {
      const out: TelnetPiece[] = [];
      for (const byte of chunk) next(byte, out);
      finishData(out);
      return out;
    },
  };
}

const isVerb = (byte: number): byte is TelnetVerb => byte >= WILL && byte <= DONT;
