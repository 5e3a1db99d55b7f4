import { RefusedError, SignedOutError } from '../client/errors.ts';
import type { FloorClient, OperationRequest } from '../client/floor-client.ts';
import { type DeviceSession, isNotTaken } from './device-session.ts';

/** Asks the server in the name of the device. */
export interface PlayerDesk {
  /**
   * The success of a mutation, or the answer of a query, by its field; with another session when the one before is
   * over.
   *
   * @throws DeskError for an error that it answers, RefusedError, SignedOutError; TypeError when there is no answer
   */
  ask<Success>(field: string, request: OperationRequest): Promise<Success>;
}

/** The server answered that it did not do it. */
export class DeskError extends Error {
  override readonly name = 'DeskError';
  /** Of `errorCatalog`. */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type Answer<Success> = Success & { readonly code?: string; readonly message?: string };

export function createPlayerDesk({
  client,
  session,
}: {
  readonly client: Pick<FloorClient, 'ask'>;
  readonly session: Pick<DeviceSession, 'generation' | 'forget'>;
}): PlayerDesk {
  async function askOnce<Success>(field: string, request: OperationRequest): Promise<Success> {
    const { data, errors } = await client.ask<Readonly<Record<string, Answer<Success> | null>>>(request);
    const answer = data?.[field];
    if (!answer) throw new RefusedError(errors ?? []);
    if (answer.code !== undefined) throw new DeskError(answer.code, answer.message ?? answer.code);
    return answer;
  }

  return {
    async ask(field, request) {
      const { generation } = session;
      try {
        return await askOnce(field, request);
      } catch (error) {
        if (!(error instanceof SignedOutError) || isNotTaken(error)) throw error;
        session.forget(generation);
        return await askOnce(field, request);
      }
    },
  };
}
