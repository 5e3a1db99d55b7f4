import { CommandError } from './command-error.ts';

/** The GraphQL endpoint of the server that `--url` names, with its path or without. @throws CommandError */
export function endpointOf(url = ''): string {
  const endpoint = URL.canParse(url) ? new URL(url) : null;
  if (!endpoint || !/^https?:$/.test(endpoint.protocol))
    throw new CommandError('--url takes the address of a server: http://127.0.0.1:8000.');
  // They would be seen in each list of processes.
  if (endpoint.username || endpoint.password) throw new CommandError('--url takes no name and no password.');
  endpoint.pathname = endpoint.pathname.replace(/\/+$/, '') || '/graphql';
  return endpoint.href;
}
