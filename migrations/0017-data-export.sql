-- What somebody asked of machines is looked up by him when he asks for everything kept about him.
create index machine_command_by_requester on machine_command (requested_by, requested_at desc)
  where requested_by is not null;
