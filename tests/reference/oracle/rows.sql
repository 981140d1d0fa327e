-- Beside tests/e2e/blog.sql: rows that are hard to get right, in both tenants. Run by a superuser.
-- Text that JSON, SQL or GraphQL could read as something else, equal timestamps, single microseconds, the ends of time,
-- pages longer than the default 20, parents in the trash with live children.

-- More tenants than a page, seven of each date, and nobody in them.
INSERT INTO saas_blog.tb_tenant (id, identifier, name, subscription_tier, created_at)
SELECT format('c0000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid, format('tenant-%s', n),
       (ARRAY['"Quoted" & \Backslashed', 'Ünïcödé 漢字 שלום', 'Emoji 💥👩‍👩‍👧', E'Tab\tand\nline',
              U&'\2028 and \2029'])[n % 5 + 1],
       (ARRAY['free', 'pro', 'enterprise'])[n % 3 + 1],
       '2026-01-01 09:00+00'::timestamptz - (n / 7) * interval '0.000001 second'
FROM generate_series(1, 24) AS number (n);

-- More users than a page, most of whom write nothing; five share each date.
INSERT INTO saas_blog.tb_user (fk_tenant, id, identifier, email, name, role, created_at)
SELECT t.pk_tenant, format('%s1000000-0000-4000-8000-%s', left(t.identifier, 1), lpad(n::text, 12, '0'))::uuid,
       CASE n % 3 WHEN 0 THEN format('Ünïcödé "%s" \ ''', n) ELSE format('user-%s', n) END,
       format(CASE n % 4 WHEN 0 THEN '"%s"\é💥@%s.example' ELSE 'USER%s@%s.Example' END, n, t.identifier),
       CASE n % 5 WHEN 0 THEN E'\t'
                  ELSE format(CASE n % 5 WHEN 1 THEN E'%s\nof "%s"' ELSE 'User %s of %s' END, n, t.identifier) END,
       (ARRAY['subscriber', 'editor', 'admin'])[n % 3 + 1],
       '2026-01-02 09:00+00'::timestamptz + (n / 5) * interval '1 day 0.000001 second'
FROM saas_blog.tb_tenant AS t CROSS JOIN generate_series(20, 43) AS number (n)
WHERE t.identifier IN ('demo', 'another');

CREATE TEMP TABLE sample (place int PRIMARY KEY, value text);
INSERT INTO sample VALUES
  (0, '''single'' "double" `back` \back\slash\\'), (1, E'line\nline\ttab\n\n'), (2, 'é ü ß Ǆ ﬁ 漢字 שלום'),
  (3, '💥👩‍👩‍👧🏳️‍🌈'),
  (4, '{"json": [1, null, "\u0041"]}'), (5, '$1 $2 :x :''x'' %s %n ${x} %1$I'),
  (6, '</script><!-- <b>&amp; ]]>'), (7, U&'\2028\2029\200B\FEFF\FFFD\FFFF'), (8, U&'\+10FFFD\+01F4A9\00A0\00AD'),
  (9, '''; DROP TABLE tb_post; --'), (10, '\u0041 \n \" \/ \'), (11, ' '), (12, 'null'), (13, '"""block\"""'),
  (14, U&'\202E right to left \202C e\0301 = é'), (15, '{{id}} #comment ,,, ... @skip(if: true)'), (16, E'\n'),
  (17, '-0 1e400 NaN');

-- Posts 101 to 136: two of each text, some of them drafts, some in the trash; content is empty, the text, or long.
INSERT INTO saas_blog.tb_post
  (fk_tenant, fk_user, id, identifier, title, content, published, deleted_at, created_at, updated_at)
SELECT u.fk_tenant, u.pk_user,
       format('%s2000000-0000-4000-8000-%s', left(t.identifier, 1), lpad(n::text, 12, '0'))::uuid,
       format('%s %s', CASE n % 4 WHEN 0 THEN translate(sample.value, E'\n\t', '') ELSE 'post' END, n), sample.value,
       CASE WHEN n = 106 THEN repeat(U&'é"\\💥\2028', 4000)
            ELSE (ARRAY['', repeat(sample.value || n, 40), sample.value])[least(n % 6, 2) + 1] END,
       n % 5 <> 0, CASE WHEN n % 7 = 0 THEN '2026-03-01 09:00+00'::timestamptz + n * interval '1 microsecond' END,
       CASE n WHEN 101 THEN '0001-01-01 00:00+00'::timestamptz WHEN 102 THEN '9999-12-31 23:59:59.999999+00'
              WHEN 103 THEN '1969-12-31 23:59:59.999999+00' WHEN 104 THEN '1999-12-31 23:59:59.5+14'
              ELSE '2026-02-10 09:00+00'::timestamptz + (n / 9) * interval '1 microsecond' END,
       '2026-02-20 09:00:00.1+00'::timestamptz + n * interval '0.01001 second'
FROM saas_blog.tb_tenant AS t
CROSS JOIN generate_series(101, 136) AS number (n)
JOIN sample ON sample.place = n % 18
JOIN saas_blog.tb_user AS u
  ON u.fk_tenant = t.pk_tenant
 AND u.id::text LIKE '%' || lpad((ARRAY[1, 2, 3, 3, 3, 30, 31, 32, 4])[n % 9 + 1]::text, 12, '0')
WHERE t.identifier IN ('demo', 'another');

-- One to five comments on two posts of three, also on drafts and in the trash, each text somewhere; every third comment
-- is gone. Post 113 has more than a page of them, at one and the same time.
INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, id, content, deleted_at, created_at)
SELECT p.fk_tenant, p.pk_post, u.pk_user,
       format('%s3000000-0000-4000-8000-%s', left(t.identifier, 1), lpad((n * 1000 + k * 7 % 100)::text, 12, '0'))::uuid,
       CASE k % 3 WHEN 0 THEN repeat(sample.value, 3) ELSE sample.value END,
       CASE WHEN (n + k) % 3 = 0 THEN '2026-03-02 09:00+00'::timestamptz END,
       '2026-02-25 09:00+00'::timestamptz + (CASE n WHEN 113 THEN 0 ELSE k / 2 END) * interval '1 microsecond'
FROM saas_blog.tb_post AS p
JOIN saas_blog.tb_tenant AS t ON t.pk_tenant = p.fk_tenant
CROSS JOIN LATERAL (SELECT right(p.id::text, 12)::int) AS number (n)
CROSS JOIN LATERAL generate_series(1, CASE WHEN n = 113 THEN 40 WHEN n % 3 = 0 THEN 0 ELSE n % 6 END) AS k
JOIN sample ON sample.place = (n + k * 5) % 18
JOIN saas_blog.tb_user AS u
  ON u.fk_tenant = p.fk_tenant
 AND u.id::text LIKE '%' || lpad((ARRAY[1, 2, 3, 4, 30, 31])[(n + k) % 6 + 1]::text, 12, '0')
WHERE n > 100;

-- More of the audit log than a page, of posts, comments, users, the tenant, and of what is nowhere. Every seventh change is
-- an operator's; fives share a moment. Triggers write nothing here, where no token was verified.
INSERT INTO saas_blog.tb_audit_log (fk_tenant, fk_user, id, entity_type, entity_id, action, changes, created_at)
SELECT t.pk_tenant, CASE WHEN n % 7 <> 0 THEN u.pk_user END,
       format('%s4000000-0000-4000-8000-%s', left(t.identifier, 1), lpad(n::text, 12, '0'))::uuid,
       (ARRAY['post', 'comment', 'user', 'tenant', 'post'])[n % 5 + 1],
       CASE WHEN n % 11 = 0 THEN 'e9999999-0000-4000-8000-000000000000'
            WHEN n % 5 = 3 THEN t.id
            ELSE format('%s%s000000-0000-4000-8000-%s', left(t.identifier, 1), (ARRAY[2, 3, 1, 0, 2])[n % 5 + 1],
                        lpad((ARRAY[101 + n % 3, 101007, 3, 0, 1])[n % 5 + 1]::text, 12, '0'))::uuid END,
       (ARRAY['create', 'update', 'delete', 'restore'])[n % 4 + 1],
       (ARRAY[jsonb_build_object('title', jsonb_build_object('old', NULL, 'new', sample.value),
                                 'content', jsonb_build_object('old', NULL, 'new', repeat(sample.value, n))),
              jsonb_build_object('published', jsonb_build_object('old', false, 'new', true)),
              jsonb_build_object('deletedAt', jsonb_build_object('old', '2026-03-01T09:00:00.000001Z', 'new', NULL)),
              jsonb_build_object('name', jsonb_build_object('old', sample.value, 'new', upper(sample.value))),
              jsonb '{}'])[n % 5 + 1],
       CASE n WHEN 1 THEN '0001-01-01 00:00+00'::timestamptz WHEN 2 THEN '9999-12-31 23:59:59.999999+00'
              ELSE '2026-03-10 09:00+00'::timestamptz + (n / 5) * interval '1 microsecond' END
FROM saas_blog.tb_tenant AS t
CROSS JOIN generate_series(1, 60) AS number (n)
JOIN sample ON sample.place = n % 18
JOIN saas_blog.tb_user AS u
  ON u.fk_tenant = t.pk_tenant AND u.id::text LIKE '%' || lpad((ARRAY[1, 2, 3, 30])[n % 4 + 1]::text, 12, '0')
WHERE t.identifier IN ('demo', 'another');

-- The statistics that a database in use would have.
ANALYZE;
