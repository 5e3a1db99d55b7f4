/** The conversation with a port server (RFC 2217): agreeing on it, settings and their answers, data. */
import type { Socket } from 'node:net';
import { BINARY, COM_PORT, type ComPortSetting, encodeSetting, isAnswerTo, isGranted } from './com-port.ts';
import {
  createTelnetReader,
  DO,
  DONT,
  type TelnetPiece,
  type TelnetVerb,
  telnetData,
  telnetNegotiation,
  WILL,
  WONT,
} from './telnet.ts';
import { LineControlError } from './termios.ts';

export interface ComPortSessionOptions {
  /** How long the server may take to answer. */
  readonly answerTimeoutMs: number;
  readonly onData: (bytes: readonly number[]) => void;
  /** Told once when the server cannot or does not do what it was asked, or the connection ended. */
  readonly onEnded: (cause: Error | null) => void;
}

interface Awaited {
  readonly setting: ComPortSetting;
  readonly granted: (atMs: number) => void;
  readonly refused: (error: Error) => void;
}

/** What must be agreed before anything else: settings at all, and that no byte is changed on its way. */
const AGREEMENTS: readonly (readonly [TelnetVerb, number])[] = [
  [DO, COM_PORT],
  [DO, BINARY],
  [WILL, BINARY],
];
const REFUSAL: ReadonlyMap<TelnetVerb, TelnetVerb> = new Map([
  [DO, DONT],
  [WILL, WONT],
]);

export class ComPortSession {
  readonly #socket: Socket;
  readonly #options: ComPortSessionOptions;
  readonly #telnet = createTelnetReader();
  readonly #awaited: Awaited[] = [];
  readonly #missing = new Set(AGREEMENTS.map(([verb, option]) => `${verb} ${option}`));
  readonly #agreement: Promise<void>;
  #agreed: () => void = () => {};
  #disagreed: (error: Error) => void = () => {};
  #patience: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(socket: Socket, options: ComPortSessionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#agreement = new Promise((resolve, reject) => {
      this.#agreed = resolve;
      this.#disagreed = reject;
    });
    this.#agreement.catch(() => {});
    let cause: Error | null = null;
    socket.on('data', (chunk) => {
      for (const piece of this.#telnet.push(chunk)) this.#take(piece);
    });
    socket.on('error', (error) => {
      cause = error;
    });
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.#end(cause));
  }

  /** @throws LineControlError when the server does not speak RFC 2217 */
  negotiate(): Promise<void> {
    this.#socket.write(
      Uint8Array.from([
        ...telnetNegotiation(WILL, COM_PORT),
        ...telnetNegotiation(WILL, BINARY),
        ...telnetNegotiation(DO, BINARY),
      ]),
    );
    this.#waitForAnswer();
    return this.#agreement;
  }

  /**
   * Sends settings and data behind them in one piece. Resolves with the time the last setting came into effect, null
   * when there is none.
   *
   * @throws LineControlError when the server does not do what it is asked; Error when the connection ended.
   */
  send(settings: readonly ComPortSetting[], data: Uint8Array): Promise<number | null> {
    if (this.#ended) return Promise.reject(new Error('The connection to the port server ended.'));
    const answers = settings.map(
      (setting) =>
        new Promise<number>((granted, refused) => {
          this.#awaited.push({ setting, granted, refused });
        }),
    );
    this.#socket.write(Uint8Array.from([...settings.flatMap(encodeSetting), ...telnetData(data)]));
    if (answers.length > 0) this.#waitForAnswer();
    return Promise.all(answers).then((times) => times.at(-1) ?? null);
  }

  /** Settings that a server may leave unanswered. */
  mention(settings: readonly ComPortSetting[]): void {
    this.#socket.write(Uint8Array.from(settings.flatMap(encodeSetting)));
  }

  /** Nothing is told any more. */
  close(): void {
    this.#ended = true;
    clearTimeout(this.#patience);
  }

  #take(piece: TelnetPiece): void {
    if (this.#ended) return;
    if (piece.kind === 'DATA') this.#options.onData(piece.bytes);
    else if (piece.kind === 'NEGOTIATION') this.#agree(piece.verb, piece.option);
    else if (piece.option === COM_PORT) this.#takeAnswer(piece.payload);
  }

  #agree(verb: TelnetVerb, option: number): void {
    const isOurs = AGREEMENTS.some(([wanted, of]) => wanted === verb && of === option);
    const isRefused = AGREEMENTS.some(([wanted, of]) => REFUSAL.get(wanted) === verb && of === option);
    if (isRefused) {
      const what = option === COM_PORT ? 'does not speak RFC 2217' : 'does not pass bytes on as they are';
      this.#end(new LineControlError(`The port server ${what}.`));
      return;
    }
    if (isOurs) {
      this.#missing.delete(`${verb} ${option}`);
      if (this.#missing.size === 0 && this.#awaited.length === 0) clearTimeout(this.#patience);
      if (this.#missing.size === 0) this.#agreed();
      return;
    }
    // Whatever else it offers or asks for is declined.
    const answer = verb === DO ? WONT : verb === WILL ? DONT : null;
    if (answer !== null) this.#socket.write(Uint8Array.from(telnetNegotiation(answer, option)));
  }

  #takeAnswer(payload: readonly number[]): void {
    const [first] = this.#awaited;
    if (first === undefined || !isAnswerTo(first.setting, payload)) return;
    if (!isGranted(first.setting, payload)) {
      this.#end(new LineControlError(refusalOf(first.setting)));
      return;
    }
    this.#awaited.shift();
    clearTimeout(this.#patience);
    if (this.#awaited.length > 0) this.#waitForAnswer();
    first.granted(performance.now());
  }

  #waitForAnswer(): void {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(
      () => this.#end(new Error('The port server does not answer as RFC 2217 has it.')),
      this.#options.answerTimeoutMs,
    );
  }

  #end(cause: Error | null): void {
    if (this.#ended) return;
    this.close();
    this.#socket.destroy();
    const error = cause ?? new Error('The port server hung up.');
    this.#disagreed(error);
    for (const { refused } of this.#awaited.splice(0)) refused(error);
    this.#options.onEnded(cause);
  }
}

const refusalOf = ({ what }: ComPortSetting): string =>
  `The port behind this server does not take ${what}. Use another one, or a 9-bit gateway with the marked stream.`;
