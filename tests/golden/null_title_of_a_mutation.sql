SELECT concat(chr(26) || '0');

-- gap 0: Argument "title" of non-null type "String!" must not be null. Step 0 is null then.
-- expected bytes: 0
