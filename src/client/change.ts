import { RefusedError } from './errors.ts';
import type { FloorClient } from './floor-client.ts';
import type { OperationRequest } from './operation.ts';

/**
 * Asks a mutation of one field, whose answer is a success or one of floorwire's errors. Answers the success.
 *
 * @param request selects `... on Error { code message }`, and no `code` of the success
 * @throws RefusedError, with the code, and what `ask` throws
 */
export async function change<Success extends object>(
  client: FloorClient,
  request: OperationRequest,
): Promise<Success> {
  const { data, errors } = await client.ask<Readonly<Record<string, Success | Refusal>>>(request);
  const [answer] = Object.values(data ?? {});
  if (!answer) throw new RefusedError(errors ?? []);
  if (!isRefusal(answer)) return answer;
  throw new RefusedError([{ message: answer.message, extensions: { code: answer.code } }]);
}

interface Refusal {
  readonly code: string;
  readonly message: string;
}

const isRefusal = (answer: object): answer is Refusal => 'code' in answer;
