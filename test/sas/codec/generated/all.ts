import type { Generated } from './generated.ts';
import { MACHINE_POLLS } from './machine.ts';
import { MONEY_POLLS } from './money.ts';

export const POLLS: readonly Generated[] = [...MACHINE_POLLS, ...MONEY_POLLS];
