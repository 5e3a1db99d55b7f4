-- Money, as a double-entry ledger: what moves is told by immutable entries, two to a transaction, and
-- what an account has is their sum. Only the functions below write here; the application may call them,
-- read, and open accounts. All amounts are minor units of the account's currency.

create table ledger_account (
  id uuid primary key,
  venue_id uuid not null references venue,
  -- A player's wallet, or what the venue's own money is counted by.
  kind text not null,
  user_id uuid references app_user,
  currency text not null,
  status text not null default 'ACTIVE',
  balance bigint not null default 0,
  -- Of the balance, what holds claim. One that has expired counts until somebody next locks the account.
  held bigint not null default 0,
  overdraft_allowed boolean not null,
  -- How many entries there are: the version of the newest.
  entry_version bigint not null default 0,
  -- Grows with whatever changes.
  version bigint not null default 1,
  changed_at timestamptz not null,
  created_at timestamptz not null,
  constraint ledger_account_kind check (kind in ('WALLET', 'CASH', 'BETS', 'WINS', 'BONUSES', 'FEES', 'MACHINES', 'SUSPENSE')),
  constraint ledger_account_owner check ((kind = 'WALLET') = (user_id is not null)),
  constraint ledger_account_unique unique nulls not distinct (venue_id, kind, currency, user_id),
  constraint ledger_account_currency_shape check (currency ~ '^[A-Z]{3}$'),
  constraint ledger_account_status check (status in ('ACTIVE', 'FROZEN', 'CLOSED')),
  constraint ledger_account_overdraft check (overdraft_allowed = (kind <> 'WALLET')),
  constraint ledger_account_balance check (balance >= 0 or overdraft_allowed),
  constraint ledger_account_held check (held >= 0 and (held <= balance or overdraft_allowed)),
  constraint ledger_account_closed_empty check (status <> 'CLOSED' or balance = 0),
  constraint ledger_account_with_currency unique (id, currency)
) with (fillfactor = 80);
create index ledger_account_user on ledger_account (user_id) where user_id is not null;
create index ledger_account_wallets on ledger_account (venue_id, created_at desc, id desc) where kind = 'WALLET';

create table wallet_hold (
  id uuid primary key,
  venue_id uuid not null references venue,
  account_id uuid not null references ledger_account,
  -- Whoever placed it ends it; what is on its way to a machine, only what became of it there.
  purpose text not null default 'CALLER',
  amount bigint not null,
  reason text,
  state text not null default 'PLACED',
  -- From then on it claims nothing. Null for money on its way to a machine, which no clock may free.
  expires_at timestamptz,
  captured bigint not null default 0,
  placed_at timestamptz not null,
  placed_by jsonb not null,
  ended_at timestamptz,
  constraint wallet_hold_purpose check (purpose in ('CALLER', 'AFT')),
  constraint wallet_hold_lasts check (expires_at is not null or purpose = 'AFT'),
  constraint wallet_hold_amount check (amount > 0),
  constraint wallet_hold_state check (state in ('PLACED', 'CAPTURED', 'VOIDED', 'EXPIRED')),
  constraint wallet_hold_end check ((state = 'PLACED') = (ended_at is null)),
  constraint wallet_hold_captured check (captured between 0 and amount and (captured > 0) = (state = 'CAPTURED')),
  constraint wallet_hold_expiry check (expires_at > placed_at)
);
create index wallet_hold_account on wallet_hold (account_id, placed_at desc, id desc);
create index wallet_hold_live on wallet_hold (account_id, expires_at) where state = 'PLACED';
create index wallet_hold_expiring on wallet_hold (expires_at) where state = 'PLACED';

create table ledger_transaction (
  id uuid primary key,
  venue_id uuid not null references venue,
  kind text not null,
  currency text not null,
  -- What moved: the sum of its positive entries.
  amount bigint not null,
  reason text,
  -- The caller's own name for it.
  reference text,
  hold_id uuid references wallet_hold,
  reverses_id uuid references ledger_transaction,
  -- Never before an older entry of the same account.
  posted_at timestamptz not null,
  -- When it counts from.
  effective_at timestamptz not null,
  actor jsonb not null,
  request_id text,
  constraint ledger_transaction_kind check (kind in ('DEPOSIT', 'WITHDRAWAL', 'BET', 'WIN', 'BONUS', 'FEE', 'ADJUSTMENT', 'TRANSFER', 'REVERSAL', 'AFT_TO_MACHINE', 'AFT_FROM_MACHINE')),
  constraint ledger_transaction_amount check (amount > 0),
  constraint ledger_transaction_reversal check ((kind = 'REVERSAL') = (reverses_id is not null)),
  constraint ledger_transaction_reversed_once unique (reverses_id),
  constraint ledger_transaction_reason check (kind <> 'ADJUSTMENT' or reason is not null)
);
create index ledger_transaction_venue on ledger_transaction (venue_id, posted_at desc, id desc);

create table ledger_entry (
  account_id uuid not null,
  -- 1, 2, 3 … of the account.
  version bigint not null,
  transaction_id uuid not null references ledger_transaction,
  venue_id uuid not null,
  currency text not null,
  amount bigint not null,
  balance_after bigint not null,
  effective_at timestamptz not null,
  primary key (account_id, version),
  constraint ledger_entry_account foreign key (account_id, currency) references ledger_account (id, currency),
  constraint ledger_entry_amount check (amount <> 0),
  constraint ledger_entry_version check (version > 0)
);
create index ledger_entry_transaction on ledger_entry (transaction_id);
create index ledger_entry_effective on ledger_entry (account_id, effective_at) include (amount);

-- One key of one caller has one outcome, a refusal included (RULES 5 to 8).
create table idempotency_key (
  principal text not null,
  key text not null,
  venue_id uuid not null references venue,
  params_hash bytea not null,
  outcome jsonb not null,
  created_at timestamptz not null,
  primary key (principal, key),
  constraint idempotency_key_length check (length(key) between 1 and 200)
);
create index idempotency_key_age on idempotency_key (created_at);

-- What was posted stays as it was posted.
create function refuse_change_of_ledger() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
begin
  raise exception 'the ledger is only ever added to' using errcode = '23514', constraint = 'ledger_append_only';
end $$;
create trigger ledger_transaction_append_only before update or delete or truncate on ledger_transaction
  for each statement execute function refuse_change_of_ledger();
create trigger ledger_entry_append_only before update or delete or truncate on ledger_entry
  for each statement execute function refuse_change_of_ledger();

-- At commit every transaction that was added, or added to, has at least two entries, and they sum to zero in each currency.
create function refuse_unbalanced_transaction() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
declare
  checked uuid;
begin
  if tg_table_name = 'ledger_entry' then checked := new.transaction_id; else checked := new.id; end if;
  if (select count(*) < 2 from ledger_entry where transaction_id = checked) or exists (
    select 1 from ledger_entry where transaction_id = checked group by currency having sum(amount) <> 0
  ) then
    raise exception 'transaction % is not balanced', checked
      using errcode = '23514', constraint = 'ledger_transaction_balanced';
  end if;
  return null;
end $$;
create constraint trigger ledger_transaction_balanced after insert on ledger_transaction
  deferrable initially deferred for each row execute function refuse_unbalanced_transaction();
create constraint trigger ledger_entry_balanced after insert on ledger_entry
  deferrable initially deferred for each row execute function refuse_unbalanced_transaction();

-- Opens a wallet with the venue's own accounts of that currency, or finds the one that is there.
create function open_wallet(new_id uuid, of_venue uuid, of_user uuid, in_currency text, at timestamptz) returns uuid
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  opened uuid;
begin
  insert into ledger_account (id, venue_id, kind, currency, overdraft_allowed, changed_at, created_at)
  select gen_random_uuid(), of_venue, house, in_currency, true, at, at
  from unnest(array['CASH', 'BETS', 'WINS', 'BONUSES', 'FEES', 'MACHINES', 'SUSPENSE']) house
  order by house
  on conflict on constraint ledger_account_unique do nothing;
  insert into ledger_account (id, venue_id, kind, user_id, currency, overdraft_allowed, changed_at, created_at)
  values (new_id, of_venue, 'WALLET', of_user, in_currency, false, at, at)
  on conflict on constraint ledger_account_unique do nothing
  returning id into opened;
  return opened;
end $$;

-- An account as an outcome and an event show it.
create function ledger_account_snapshot(id uuid, user_id uuid, currency text, status text, balance bigint, held bigint, version bigint)
returns jsonb language sql immutable parallel safe
return jsonb_build_object('walletId', id, 'userId', user_id, 'currency', currency, 'status', status,
  'posted', balance::text, 'held', held::text, 'version', version::text);

grant select on ledger_account, ledger_transaction, ledger_entry, wallet_hold to floorwire_app;
grant select, delete on idempotency_key to floorwire_app;

-- One thing to be done to the ledger.
create type ledger_command as (
  -- From 1, dense.
  ord int,
  op text,
  -- Of the transaction or the hold it makes.
  id uuid,
  venue_id uuid,
  principal text,
  key text,
  hash text,
  kind text,
  -- Where money comes from and goes to: a wallet by its id, or an account of the venue by its kind.
  from_id uuid,
  from_house text,
  to_id uuid,
  to_house text,
  -- Whose the wallet must be that money leaves; null where that does not matter.
  owner uuid,
  amount bigint,
  currency text,
  hold_id uuid,
  purpose text,
  expires_at timestamptz,
  reverses_id uuid,
  -- Whether a frozen wallet takes part all the same.
  forced boolean,
  reason text,
  reference text,
  effective_at timestamptz,
  actor jsonb,
  request_id text
);

-- Does what the commands say, in their order, each with one outcome; a refusal is an outcome. All accounts
-- are locked once, in order of their ids, and balances run along in memory. Holds found expired are ended
-- first, those of the accounts `also` too; each gives a row without a place.
--
-- POST moves an amount, HOLD claims it, CAPTURE moves all or part of what a hold claims and ends it, VOID
-- ends it, REVERSE posts the opposite of a transaction.
create function ledger_apply(commands jsonb, at timestamptz, also uuid[] default '{}') returns table (place int, outcome jsonb)
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  most constant bigint := 9000000000000000000;
  froms uuid[]; tos uuid[]; stored jsonb[]; stored_hashes bytea[];
  ids uuid[]; venues uuid[]; kinds text[]; users uuid[]; currencies text[]; statuses text[]; times timestamptz[];
  balances bigint[]; helds bigint[]; entry_versions bigint[]; versions bigint[]; touched boolean[];
  c ledger_command; hold wallet_hold; original ledger_transaction; swept record;
  n int := 0; f int; t int; earlier int; moved bigint; name text; refusal text; answer jsonb; posted timestamptz;
  names text[] := '{}'; outcomes jsonb[] := '{}'; is_new boolean[] := '{}'; reversed uuid[] := '{}';
  done int[] := '{}'; done_amounts bigint[] := '{}'; done_times timestamptz[] := '{}';
  entry_accounts uuid[] := '{}'; entry_numbers bigint[] := '{}'; entry_places int[] := '{}';
  entry_amounts bigint[] := '{}'; entry_balances bigint[] := '{}';
begin
  -- A key that is under way elsewhere is waited for.
  perform pg_advisory_xact_lock(1465076820, lock) from (
    select distinct hashtext(each.principal || chr(31) || each.key) as lock
    from jsonb_populate_recordset(null::ledger_command, commands) each where each.key is not null order by 1
  ) keys;

  select array_agg(coalesce(each.from_id, claimed.account_id, giving.id, gained.account_id) order by each.ord),
    array_agg(coalesce(each.to_id, taking.id, lost.account_id) order by each.ord),
    array_agg(known.outcome order by each.ord), array_agg(known.params_hash order by each.ord)
  into froms, tos, stored, stored_hashes
  from jsonb_populate_recordset(null::ledger_command, commands) each
  left join idempotency_key known on known.principal = each.principal and known.key = each.key
  left join wallet_hold claimed on claimed.id = each.hold_id and claimed.venue_id = each.venue_id
  left join ledger_account giving on giving.venue_id = each.venue_id and giving.kind = each.from_house
    and giving.currency = each.currency and giving.user_id is null
  left join ledger_account taking on taking.venue_id = each.venue_id and taking.kind = each.to_house
    and taking.currency = each.currency and taking.user_id is null
  left join ledger_entry gained on gained.transaction_id = each.reverses_id and gained.amount > 0
    and gained.venue_id = each.venue_id
  left join ledger_entry lost on lost.transaction_id = each.reverses_id and lost.amount < 0
    and lost.venue_id = each.venue_id;

  select array_agg(id), array_agg(venue_id), array_agg(kind), array_agg(user_id), array_agg(currency), array_agg(status),
    array_agg(changed_at), array_agg(balance), array_agg(held), array_agg(entry_version), array_agg(version), array_agg(false)
  into ids, venues, kinds, users, currencies, statuses, times, balances, helds, entry_versions, versions, touched
  from (select * from ledger_account where id = any (froms || tos || also) order by id for no key update) locked;

  for swept in
    update wallet_hold set state = 'EXPIRED', ended_at = at
    where account_id = any (ids) and state = 'PLACED' and expires_at <= at
    returning id, account_id, venue_id, amount
  loop
    f := array_position(ids, swept.account_id);
    helds[f] := helds[f] - swept.amount;
    versions[f] := versions[f] + 1;
    touched[f] := true;
    place := null;
    outcome := jsonb_build_object('status', 'HOLD_EXPIRED', 'holdId', swept.id, 'venueId', swept.venue_id,
      'amount', swept.amount::text, 'accounts', jsonb_build_array(ledger_account_snapshot(
        ids[f], users[f], currencies[f], statuses[f], balances[f], helds[f], versions[f])));
    return next;
  end loop;

  for c in select * from jsonb_populate_recordset(null::ledger_command, commands) each order by each.ord loop
    n := n + 1;
    name := c.principal || chr(31) || c.key;
    earlier := case when name is not null then array_position(names, name) end;
    names := names || name;
    answer := coalesce(stored[n], outcomes[earlier]);
    is_new := is_new || (answer is null);
    if answer is not null then
      if coalesce(stored_hashes[n], decode((select other.hash from jsonb_populate_recordset(null::ledger_command, commands) other
          where other.ord = earlier), 'hex')) = decode(c.hash, 'hex') then
        outcomes := outcomes || (answer || '{"replayed": true}'::jsonb);
      else
        outcomes := outcomes || '{"status": "IDEMPOTENCY_MISMATCH"}'::jsonb;
      end if;
      continue;
    end if;

    f := array_position(ids, froms[n]);
    t := array_position(ids, tos[n]);
    moved := c.amount;
    refusal := null;

    if c.op in ('CAPTURE', 'VOID') then
      select * into hold from wallet_hold where id = c.hold_id and venue_id = c.venue_id;
      moved := coalesce(c.amount, hold.amount);
    elsif c.op = 'REVERSE' then
      select * into original from ledger_transaction where id = c.reverses_id and venue_id = c.venue_id;
      moved := original.amount;
    end if;

    if (c.from_house is null and (f is null or venues[f] <> c.venue_id))
      or (c.owner is not null and users[f] is distinct from c.owner)
      or (c.from_id is not null and kinds[f] <> 'WALLET')
      or (c.to_id is not null and (t is null or venues[t] <> c.venue_id or kinds[t] <> 'WALLET')) then
      refusal := 'NOT_FOUND';
    elsif f is null or (t is null and c.op not in ('HOLD', 'VOID'))
      or currencies[f] <> currencies[t] or currencies[f] <> c.currency then
      refusal := 'CURRENCY_MISMATCH';
    elsif f = t then
      refusal := 'SAME_ACCOUNT';
    elsif c.op in ('CAPTURE', 'VOID') and hold.purpose <> c.purpose then
      refusal := 'HOLD_OF_TRANSFER';
    elsif c.op in ('CAPTURE', 'VOID') and hold.state <> 'PLACED' then
      refusal := 'HOLD_' || hold.state;
    elsif c.op = 'CAPTURE' and moved > hold.amount then
      refusal := 'HOLD_EXCEEDED';
    elsif c.op = 'REVERSE' and original.kind in ('REVERSAL', 'AFT_TO_MACHINE', 'AFT_FROM_MACHINE') then
      refusal := 'NOT_REVERSIBLE';
    elsif c.op = 'REVERSE' and (c.reverses_id = any (reversed)
      or exists (select 1 from ledger_transaction where reverses_id = c.reverses_id)) then
      refusal := 'REVERSED_ALREADY';
    elsif c.op <> 'VOID' and 'CLOSED' in (statuses[f], statuses[t]) then
      refusal := 'CLOSED';
    elsif c.op <> 'VOID' and not coalesce(c.forced, false) and 'FROZEN' in (statuses[f], statuses[t]) then
      refusal := 'FROZEN';
    elsif c.op in ('POST', 'HOLD', 'REVERSE') and kinds[f] = 'WALLET' and moved > balances[f] - helds[f] then
      refusal := 'INSUFFICIENT_FUNDS';
    elsif c.op not in ('HOLD', 'VOID') and (balances[f] < moved - most or balances[t] > most - moved) then
      refusal := 'BALANCE_LIMIT';
    end if;

    if refusal is not null then
      answer := jsonb_build_object('status', refusal);
      if refusal = 'INSUFFICIENT_FUNDS' then
        answer := answer || jsonb_build_object('available', (balances[f] - helds[f])::text, 'currency', currencies[f]);
      end if;
      outcomes := outcomes || answer;
      continue;
    end if;

    posted := at;
    if c.op = 'HOLD' then
      insert into wallet_hold (id, venue_id, account_id, purpose, amount, reason, expires_at, placed_at, placed_by)
      values (c.id, c.venue_id, ids[f], c.purpose, moved, c.reason, c.expires_at, at, c.actor);
      helds[f] := helds[f] + moved;
    elsif c.op in ('CAPTURE', 'VOID') then
      update wallet_hold set ended_at = at, state = case c.op when 'VOID' then 'VOIDED' else 'CAPTURED' end,
        captured = case c.op when 'VOID' then 0 else moved end
      where id = hold.id;
      helds[f] := helds[f] - hold.amount;
    end if;
    versions[f] := versions[f] + 1;
    touched[f] := true;
    if c.op in ('POST', 'CAPTURE', 'REVERSE') then
      -- A transaction that waited for its locks began before those it waited for.
      posted := greatest(at, times[f], times[t]);
      balances[f] := balances[f] - moved;
      balances[t] := balances[t] + moved;
      entry_versions[f] := entry_versions[f] + 1;
      entry_versions[t] := entry_versions[t] + 1;
      versions[t] := versions[t] + 1;
      touched[t] := true;
      times[t] := posted;
      done := done || n;
      done_amounts := done_amounts || moved;
      done_times := done_times || posted;
      entry_accounts := entry_accounts || array[ids[f], ids[t]];
      entry_numbers := entry_numbers || array[entry_versions[f], entry_versions[t]];
      entry_places := entry_places || array[n, n];
      entry_amounts := entry_amounts || array[-moved, moved];
      entry_balances := entry_balances || array[balances[f], balances[t]];
      if c.op = 'REVERSE' then reversed := reversed || c.reverses_id; end if;
    end if;
    times[f] := greatest(times[f], posted);

    answer := jsonb_build_object('status', 'APPLIED', 'id', case when c.op = 'VOID' then c.hold_id else c.id end,
      'amount', moved::text, 'currency', currencies[f], 'at', posted, 'accounts', (
        select coalesce(jsonb_agg(ledger_account_snapshot(
          ids[i], users[i], currencies[i], statuses[i], balances[i], helds[i], versions[i])), '[]')
        from unnest(array[f, t]) i where kinds[i] = 'WALLET'));
    outcomes := outcomes || answer;
  end loop;

  insert into ledger_transaction (id, venue_id, kind, currency, amount, reason, reference, hold_id, reverses_id,
    posted_at, effective_at, actor, request_id)
  select each.id, each.venue_id, each.kind, outcomes[each.ord]->>'currency', one.amount, each.reason, each.reference,
    each.hold_id, each.reverses_id, one.at, coalesce(each.effective_at, one.at), each.actor, each.request_id
  from unnest(done, done_amounts, done_times) as one (ord, amount, at)
  join jsonb_populate_recordset(null::ledger_command, commands) each on each.ord = one.ord
  order by one.ord;

  insert into ledger_entry (account_id, version, transaction_id, venue_id, currency, amount, balance_after, effective_at)
  select leg.account, leg.version, each.id, each.venue_id, outcomes[each.ord]->>'currency', leg.amount, leg.balance,
    coalesce(each.effective_at, done_times[array_position(done, each.ord)])
  from unnest(entry_accounts, entry_numbers, entry_places, entry_amounts, entry_balances)
    as leg (account, version, ord, amount, balance)
  join jsonb_populate_recordset(null::ledger_command, commands) each on each.ord = leg.ord
  order by leg.account, leg.version;

  update ledger_account set balance = now.balance, held = now.held, entry_version = now.entry_version,
    version = now.version, changed_at = now.at
  from unnest(ids, balances, helds, entry_versions, versions, times, touched)
    as now (id, balance, held, entry_version, version, at, touched)
  where ledger_account.id = now.id and now.touched;

  insert into idempotency_key (principal, key, venue_id, params_hash, outcome, created_at)
  select each.principal, each.key, each.venue_id, decode(each.hash, 'hex'), outcomes[each.ord], at
  from jsonb_populate_recordset(null::ledger_command, commands) each
  where each.key is not null and is_new[each.ord];

  return query select one.ord::int, one.answer from unnest(outcomes) with ordinality as one (answer, ord) order by one.ord;
end $$;
revoke execute on function ledger_apply(jsonb, timestamptz, uuid[]), open_wallet(uuid, uuid, uuid, text, timestamptz) from public;
grant execute on function ledger_apply(jsonb, timestamptz, uuid[]), open_wallet(uuid, uuid, uuid, text, timestamptz) to floorwire_app;
grant insert on idempotency_key to floorwire_app;
grant update (status, version, changed_at) on ledger_account to floorwire_app;
