-- A signing key that is revoked takes rights away as well: nobody whose token it signed is shown state that changes
-- later (0019, events/signal-gate.ts).
drop index outbox_of_rights;
create index outbox_of_rights on outbox (id)
  where type in ('auth.roles-changed', 'auth.session-revoked', 'auth.api-key-revoked', 'auth.key-revoked',
    'realtime.client-disconnected');
drop index event_log_of_rights;
create index event_log_of_rights on event_log (position)
  where type in ('auth.roles-changed', 'auth.session-revoked', 'auth.api-key-revoked', 'auth.key-revoked',
    'realtime.client-disconnected');
