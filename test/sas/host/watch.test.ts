import { expect, test } from 'vitest';
import { AFT_REGISTRATION } from '../../../src/sas/codec/long-polls/aft-registration.ts';
import { AFT_TRANSFER } from '../../../src/sas/codec/long-polls/aft-transfer.ts';
import { EXTENDED_METERS } from '../../../src/sas/codec/long-polls/selected-meters.ts';
import { READ_VALIDATION_RECORD } from '../../../src/sas/codec/long-polls/validation.ts';
import { meterCode } from '../../../src/sas/codec/meters.ts';
import { encodeAnswer, encodeRequest } from '../../../src/sas/codec/poll-table.ts';
import { mark, messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { createLineWatch } from '../../../src/sas/watch.ts';
import { bytes } from '../codec/hex.ts';

const fromHost = (hex: string) => messageSymbols(bytes(hex));
const fromMachine = (hex: string) => [...bytes(hex)];

test.each([
  ['81', '7F', ['host → 1  general poll', '1 → host  exception 7F game ended']],
  ['81', '00', ['host → 1  general poll', '1 → host  exception 00 no activity']],
  ['81', 'C7', ['host → 1  general poll', '1 → host  exception C7 unknown']],
  ['01 01 51 08', '01', ['host → 1  01 shutdown', '1 → host  acknowledges 01 shutdown']],
  ['01 01 51 08', '81', ['host → 1  01 shutdown', '1 → host  refuses 01 shutdown: CRC or data invalid']],
  ['01 1A', '01 00', ['host → 1  1A current credits', '1 → host  busy, 1A current credits later']],
  ['81', '01 FF 69 DB 5B', ['host → 1  general poll', '1 → host  event 69 aft transfer complete']],
  ['01 01 51 09', '', ['host → 1  01 shutdown  CRC wrong']],
  ['01 59', '', ['host → 1  59 a poll this program does not know']],
  ['80', '', ['host → all  80 acknowledge, nobody answers']],
])('%s answered by %s reads as it is meant', (asked, answered, lines) => {
  const watch = createLineWatch();
  const seen = [
    ...watch.push('HOST', fromHost(asked)),
    ...watch.push('MACHINE', fromMachine(answered)),
    ...watch.quiet(),
  ];
  expect(seen).toEqual(lines);
});

test('the fields of an answer are named', () => {
  const watch = createLineWatch();
  watch.push('HOST', fromHost('01 1F'));
  const [line] = watch.push(
    'MACHINE',
    fromMachine('01 1F 46 57 30 30 31 01 64 00 00 00 46 57 30 30 30 31 39 30 36 38 EF 14'),
  );
  expect(line).toContain('1 → host  1F machine id  gameId FW  additionalId 001  denomination 1');
  expect(line).toContain('basePercent 9068');
});

test('meters are shown by name, with a dash for those the machine does not have', () => {
  const watch = createLineWatch();
  const codes = [meterCode('CURRENT_CREDITS'), meterCode('JACKPOT')];
  const meters = [
    { code: meterCode('CURRENT_CREDITS'), size: 4, value: 1_234n },
    { code: meterCode('JACKPOT'), size: 0, value: null },
  ];
  const request = messageSymbols(encodeRequest(EXTENDED_METERS, 1, { game: 0, codes }));
  const answer = [...encodeAnswer(EXTENDED_METERS, 1, { game: 0, meters })];
  expect([...watch.push('HOST', request), ...watch.push('MACHINE', answer)]).toEqual([
    'host → 1  6F extended meters  game 0  codes CURRENT_CREDITS, JACKPOT',
    '1 → host  6F extended meters  game 0  meters CURRENT_CREDITS 1234, JACKPOT –',
  ]);
});

test('what is nested in an answer is shown, and what is raw', () => {
  const watch = createLineWatch();
  watch.push('HOST', messageSymbols(encodeRequest(READ_VALIDATION_RECORD, 1, { entry: 'PEEK' })));
  const answer =
    '01 4D 00 01 11 27 20 25 19 21 16 00 42 91 88 18 54 46 10 00 00 00 12 34 07 00 00 00 00 00 00 00 00 FC D4';
  expect(watch.push('MACHINE', fromMachine(answer))).toEqual([
    '1 → host  4D read validation record  record type=CASHABLE_TICKET index=1 ' +
      'printedAt=(year=2025 month=11 day=27 hour=19 minute=21 second=16) ' +
      'number=0042918818544610 cents=1234 ticketNumber=7 expiration=(kind=NONE)',
  ]);
  const transfer = { code: 'OTHER', transferCode: 2, data: bytes('AB 01') } as const;
  expect(watch.push('HOST', messageSymbols(encodeRequest(AFT_TRANSFER, 1, transfer)))).toEqual([
    'host → 1  72 aft transfer  code OTHER  transferCode 2  data AB01',
  ]);
});

test('the key of a registration is not shown', () => {
  const registration = { assetNumber: 1001, registrationKey: new Uint8Array(20).fill(0xa5), posId: 7 };
  const asked = encodeRequest(AFT_REGISTRATION, 1, { code: 'REGISTER', ...registration });
  const answered = encodeAnswer(AFT_REGISTRATION, 1, { status: 'REGISTERED', ...registration });
  const watch = createLineWatch();
  expect([...watch.push('HOST', messageSymbols(asked)), ...watch.push('MACHINE', [...answered])]).toEqual([
    'host → 1  73 aft registration  code REGISTER  assetNumber 1001  registrationKey (hidden)  posId 7',
    '1 → host  73 aft registration  status REGISTERED  assetNumber 1001  registrationKey (hidden)  posId 7',
  ]);
});

test('an answer nobody asked for, a damaged one and a chirp are told apart', () => {
  const watch = createLineWatch();
  watch.push('MACHINE', fromMachine('51'));
  expect(watch.quiet()).toEqual(['? → host  not asked for  51']);

  watch.push('HOST', fromHost('01 1A'));
  watch.push('MACHINE', fromMachine('01 1A 00 00'));
  expect(watch.push('HOST', fromHost('81'))).toEqual([
    '1 → host  damaged (length)  01 1A 00 00',
    'host → 1  general poll',
  ]);
  expect(watch.push('MACHINE', [mark(0x01)])).toEqual(['1 → host  chirp: hears nobody']);
});

test('any chunking gives the same lines', () => {
  const symbols = [...fromHost('80'), ...fromHost('81')];
  const whole = createLineWatch();
  const bits = createLineWatch();
  expect(symbols.flatMap((symbol) => bits.push('HOST', [symbol]))).toEqual(whole.push('HOST', symbols));
});

test('noise is shown in pieces, never gathered without end', () => {
  const watch = createLineWatch();
  const noise = Array.from({ length: 100_000 }, () => 0x5a);
  const lines = watch.push('MACHINE', noise);
  expect(lines.length).toBeGreaterThan(300);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(1_000);
});
