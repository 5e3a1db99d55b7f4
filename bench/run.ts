/** `npm run bench -- <name> …`: one script per promise, each prints its figures and ratio. */
const BENCHES: Readonly<Record<string, () => Promise<unknown>>> = {
  sas: () => import('./sas.ts'),
  ports: () => import('./ports.ts'),
  fanout: () => import('./fanout.ts'),
  login: () => import('./login.ts'),
  wallet: () => import('./wallet.ts'),
  slots: () => import('./slots.ts'),
  parking: () => import('./parking.ts'),
  start: () => import('./start.ts'),
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(2);
}
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) await BENCHES[name]?.();
process.exit();
