-- What happens once the cursors are known: some name rows that are in the trash now, or drafts, or nowhere.
-- Run by a superuser.
UPDATE saas_blog.tb_post SET deleted_at = '2026-04-01 09:00:00.000001+00' WHERE id::text ~ '0(3|12|109|127)$';
UPDATE saas_blog.tb_post SET deleted_at = NULL WHERE id::text ~ '0(17|112)$';
UPDATE saas_blog.tb_post SET published = NOT published WHERE id::text ~ '0(8|14|115|131)$';
UPDATE saas_blog.tb_comment SET deleted_at = '2026-04-01 09:00+00' WHERE id::text ~ '00113(007|035|070)$';
DELETE FROM saas_blog.tb_comment WHERE id::text ~ '0(11300|11308|108|117|131)[0-9]*4$';
