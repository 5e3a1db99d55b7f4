-- Further ways for the ninth bit to travel, and what a line's adapter or a machine needs beyond SAS as it is written:
-- the name of a profile. Profiles are settings of the driver, so that a name may be one it does not know.
alter table sas_line drop constraint sas_line_wakeup_mode;
alter table sas_line add constraint sas_line_wakeup_mode
  check (wakeup_mode in ('MARKED', 'PLAIN', 'PARITY', 'EVEN_ODD', 'RFC2217'));

alter table sas_line add column profile text;
alter table sas_line add constraint sas_line_profile check (profile ~ '^[a-z0-9][a-z0-9-]{0,39}$');

alter table machine add column profile text;
alter table machine add constraint machine_profile check (profile ~ '^[a-z0-9][a-z0-9-]{0,39}$');
