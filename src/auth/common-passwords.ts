import { leakedPasswords } from './leaked-passwords.ts';

/**
 * Whether many people would hit on this password, in NFKC: one that leaked often or is little more
 * than one, up to three common words with digits and signs around and between them, one short piece
 * over and over, or a run along the alphabet, the digits or a keyboard. Case and the usual look-alikes
 * (`P@ssw0rd`) make no difference.
 */
export function isCommonPassword(password: string): boolean {
  const text = password.toLowerCase();
  return isLeaked(text) || isRepetition(text) || isRun(text) || readings(text).some(isFewCommonWords);
}

const MAX_COMMON_WORDS = 3;
const MAX_REPEATED_PIECE = 6;
const RUN_SHARE = 0.75;

const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  Object.entries({ 0: 'o', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's', '!': 'i', '|': 'l' }),
);

/** Whether a leaked password is the whole text, or at least half of it with digits and signs added. */
function isLeaked(text: string): boolean {
  const core = text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  return [core, ...readings(text)]
    .filter((part) => part.length >= text.length / 2)
    .concat(text)
    .some((part) => leakedPasswords().has(part));
}

/**
 * The letters of the text as written, and as they read when look-alikes are letters too,
 * `1` once as i and once as l. Signs at the end are an ending, not letters.
 */
function readings(text: string): readonly string[] {
  const body = text.replace(/[^\p{L}]+$/u, '');
  const read = (one: string) =>
    [...body].map((sign) => (sign === '1' ? one : (LOOK_ALIKES.get(sign) ?? sign))).join('');
  return [body, read('i'), read('l')].map((reading) => reading.replace(/[^\p{L}]/gu, ''));
}

/** Whether one to three common words, one after the other, make up the whole text. */
function isFewCommonWords(text: string): boolean {
  if (text.length > MAX_COMMON_WORDS * LONGEST_WORD) return false;
  const fewestWords = [0];
  for (let end = 1; end <= text.length; end += 1) {
    fewestWords[end] = fewestWords.reduce(
      (fewest, words, start) =>
        COMMON_WORDS.has(text.slice(start, end)) ? Math.min(fewest, words + 1) : fewest,
      Number.POSITIVE_INFINITY,
    );
  }
  return text !== '' && (fewestWords[text.length] ?? 0) <= MAX_COMMON_WORDS;
}

/** `abcabcabcabc`, `aaaaaaaaaaaa`, a last piece cut short included. */
function isRepetition(text: string): boolean {
  for (let length = 1; length <= Math.min(MAX_REPEATED_PIECE, text.length / 2); length += 1) {
    const piece = text.slice(0, length);
    if (piece.repeat(Math.ceil(text.length / length)).slice(0, text.length) === text) return true;
  }
  return false;
}

/** Each sign the neighbour of the one before, along one of the rows, for all but a few steps. */
function isRun(text: string): boolean {
  const signs = [...text];
  if (signs.length < 4) return false;
  const steps = signs.slice(1).filter((sign, index) => isStep(signs[index] ?? '', sign)).length;
  return steps >= (signs.length - 1) * RUN_SHARE;
}

const isStep = (from: string, to: string) =>
  ROWS.some((row) => {
    const at = row.indexOf(from);
    return at >= 0 && (row[at + 1] === to || (at > 0 && row[at - 1] === to));
  });

const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop[]',
  'asdfghjkl;',
  'zxcvbnm,./',
  'qwertzuiopü',
  'azertyuiop',
  'qazwsxedcrfvtgbyhnujmik',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  '1q2w3e4r5t6y7u8i9o0p',
] as const;

/**
 * What published lists of leaked passwords are made of once digits and signs are taken off,
 * and the words of this trade.
 */
const COMMON_WORDS: ReadonlySet<string> = new Set(
  `
  a i the my me you your we is it in no yes and for of to
  password passwords passwort passwd passw pass word motdepasse contrasena senha parola wachtwoord salasana
  admin admins administrator administrateur administrador root superuser super user users username guest
  operator supervisor manager system sysadmin default test tester testing temp temporary demo sample example
  changeme change changeit changethis letmein letme letmeinnow login logon signin access accessgranted secret
  now please again secrets secure security private key master mypassword thispassword newpassword oldpassword mypass
  welcome welcomeback hello hallo hola bonjour ciao hi hey goodbye hellothere helloworld world
  qwerty qwertz azerty qwert qwe asd asdf asdfg asdfgh asdfghjkl zxc zxcv zxcvb zxcvbn zxcvbnm yxcvbnm
  qwertyuiop qwertzuiop azertyuiop poiuytrewq qaz wsx edc qazwsx qazwsxedc abc abcd abcde abcdef abcdefg xyz aaa
  iloveyou ilove loveyou love lovely lover lovers loveme iloveme iloveu forever always together angel baby babygirl
  babyboy princess prince queen king sweet sweetheart honey darling beautiful pretty sexy hottie cutie bella
  sunshine sun moon star stars summer winter spring autumn fall january february march april may june july
  august september october november december monday tuesday wednesday thursday friday saturday sunday
  dragon dragons monkey monkeys tiger lion eagle eagles falcon panther wolf bear shark dolphin butterfly horse
  dog dogs cat cats puppy kitty kitten bird fish chicken cookie cheese banana apple orange lemon cherry pepper
  ginger chocolate candy sugar coffee pizza football fussball baseball basketball soccer hockey tennis golf
  golfer racing ranger rangers yankees cowboys steelers lakers arsenal chelsea liverpool barcelona realmadrid
  juventus manchester united madrid superman batman spiderman starwars startrek pokemon naruto matrix mustang
  ferrari porsche mercedes corvette harley yamaha honda toyota bmw audi camaro hunter killer ninja samurai
  warrior knight wizard shadow phantom ghost devil demon satan heaven jesus christ jesuschrist god godisgood
  blessed faith grace trinity michael michelle jennifer jessica jordan ashley nicole daniel andrew joshua matthew
  thomas robert charlie george william james david richard anthony christopher alexander alexandra samantha
  amanda victoria elizabeth stephanie maggie hannah andrea maria anna lisa sarah martin peter paul patrick
  freedom liberty justice peace power strong money dollar dollars cash rich lucky winner winning whatever nothing
  nobody everything something trustno one trustnoone computer internet windows microsoft google facebook
  samsung apple iphone android linux ubuntu server database oracle mysql postgres postgresql cisco network wifi
  router hacker hacking biteme fuckyou fuck fuckme fuckoff shit bitch asshole pussy sex
  blue red green black white yellow purple pink silver gold golden diamond crystal
  music guitar metallica nirvana slipknot eminem rockstar rock roll metal movie player players
  london paris berlin vienna america england france germany canada australia mexico brazil india newyork
  california texas florida vegas lasvegas
  casino casinos slot slots slotmachine machine machines jackpot jackpots poker blackjack roulette bingo dice
  gaming game games gamer gambling gambler bet betting floor floorwire venue venues credit credits
  correcthorsebatterystaple correct horse battery staple
  zero two three four five six seven eight nine ten onetwothree
  `
    .trim()
    .split(/\s+/),
);

const LONGEST_WORD = Math.max(...[...COMMON_WORDS].map((word) => word.length));
