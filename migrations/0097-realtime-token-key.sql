-- What signed the access token a realtime token was asked for with. It goes with that key: whoever has the key of
-- others would go on by what he asked for with a token he signed himself. Null for the tokens of API keys, and where
-- shared secrets sign.
alter table realtime_token add column key_id text;
alter table realtime_token add constraint realtime_token_key_fk
  foreign key (key_id) references signing_key (kid) on delete cascade;
create index realtime_token_by_key on realtime_token (key_id) where key_id is not null;
