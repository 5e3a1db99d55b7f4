/** Opens a port in a process of its own and polls until it is killed; signals do not end it. */
import { messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { openProcessPort } from '../../../src/sas/host/process-port.ts';
import { USUAL_STYLES } from '../../../src/sas/host/wire-format.ts';

process.on('SIGINT', () => {});
const port = await openProcessPort({
  address: { kind: 'TCP', host: '127.0.0.1', port: Number(process.argv[2]) },
  wakeupMode: 'MARKED',
  styles: USUAL_STYLES,
});
setInterval(() => port.send(messageSymbols(Uint8Array.of(0x81))), 20);
