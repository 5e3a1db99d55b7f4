-- What a machine says of itself besides what it plays: what it can do (poll A0), and what an operator set it to.
alter table machine
  add column additional_id text,
  add column max_bet int,
  add column number_of_games int,
  add column asset_number bigint,
  add column features jsonb,
  add constraint machine_max_bet check (max_bet between 0 and 255),
  add constraint machine_number_of_games check (number_of_games between 0 and 9999),
  add constraint machine_asset_number check (asset_number between 0 and 4294967295);
