-- What is on record about somebody, whoever did it: what he is told who asks what is kept about him.
create index audit_entry_about on audit_entry ((payload->>'userId'), at) where payload->>'userId' is not null;
