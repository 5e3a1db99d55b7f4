-- A device that was removed shows nothing: what it said it shows is in use no more, and nothing is due for it. From now
-- on its removal sees to both.
update device_display display
set pushed_layout_id = null, pushed_revision = null, desired_layout_id = null, desired_revision = null, cause = null,
  cause_id = null, due_at = null, applied_version = null, applied_layout_id = null, applied_revision = null,
  applied_at = null, failed_version = null, failure = null, failed_at = null, version = display.version + 1
from device
where device.id = display.device_id and device.status = 'REMOVED';
