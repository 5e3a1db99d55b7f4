/** For a crowd behind one address, of one user, that comes and goes as no people do. The limits are settings like any other. */
export const ROOM_FOR_A_CROWD: Readonly<Record<string, string>> = {
  LIMIT_SOCKETS: '100000',
  LIMIT_SOCKETS_PER_ADDRESS: '100000',
  LIMIT_SOCKETS_PER_USER: '100000',
  LIMIT_CONNECTS_PER_ADDRESS: '10000000',
  LIMIT_CONNECTS_PER_USER: '10000000',
  LIMIT_OPERATIONS_PER_ADDRESS: '10000000',
  LIMIT_OPERATIONS_PER_USER: '10000000',
};
