-- A layout names its newest revision, and each revision its layout: whoever loads both, a backup that is restored, can
-- only have that judged when both are there.
alter table layout alter constraint layout_published_revision deferrable initially deferred;
