-- A page of the codes that begin with a text, then of those with words that begin with its words, in the order of two
-- primary keys. It runs with the rights of its caller, so that row-level security applies. A session keeps its plans:
-- making them anew for each search would take as long as most searches do.

-- OFFSET and LIMIT in subqueries, and no bitmaps, keep PostgreSQL to that order also before it has counted the tables:
-- it reads no more rows than the page needs. What begins with a text is between the text and the text with the last
-- character of all.
-- `only_words`: the page begins behind a code that was found by a word. `from_...` and `after_...` is where it begins.
-- `others` is a pattern for the other words, '%' if there is none. A code is found by the first of its words that begins with `sought`.
CREATE OR REPLACE FUNCTION search_codes(
    tenant text, connection text, kinds text[], begins text, sought text, others text,
    only_words boolean, from_key text, from_kind text, from_word text, after_key text, after_kind text, most integer
) RETURNS SETOF listed_codes LANGUAGE plpgsql STABLE SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS
$$ DECLARE
    begins_end text := begins || U&'\+10FFFF'; sought_end text := sought || U&'\+10FFFF'; there integer := 0;
BEGIN
    IF NOT only_words THEN
        RETURN QUERY SELECT c.* FROM unnest(kinds) AS asked (kind) CROSS JOIN LATERAL (
            SELECT * FROM listed_codes c
            WHERE c.tenant_id = tenant AND c.connection_id = connection AND c.kind = asked.kind
                AND c.key >= from_key AND c.key < begins_end AND NOT (c.key = from_key AND c.kind <= from_kind)
            ORDER BY c.key LIMIT most
        ) c ORDER BY c.key, c.kind LIMIT most;
        GET DIAGNOSTICS there = ROW_COUNT;
    END IF;
    IF sought = '' OR there >= most THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT c.* FROM (
        SELECT named.* FROM unnest(kinds) AS asked (kind) CROSS JOIN LATERAL (
            SELECT w.word, w.kind, w.key FROM (
                SELECT * FROM listed_words w
                WHERE w.tenant_id = tenant AND w.connection_id = connection AND w.kind = asked.kind
                    AND (w.word, w.key) >= (from_word, after_key) AND w.word < sought_end
                ORDER BY w.word, w.key OFFSET 0
            ) w
            WHERE NOT (w.word = from_word AND w.key = after_key AND w.kind <= after_kind)
                AND NOT (w.key >= begins AND w.key < begins_end)
                AND w.words LIKE others
                AND (w.word = sought OR strpos(w.words, ' ' || sought) = strpos(w.words, ' ' || w.word || ' '))
            ORDER BY w.word, w.key LIMIT most
        ) named ORDER BY named.word, named.key, named.kind LIMIT most - there
    ) found CROSS JOIN LATERAL (
        SELECT * FROM listed_codes c
        WHERE c.tenant_id = tenant AND c.connection_id = connection AND c.kind = found.kind AND c.key = found.key LIMIT 1
    ) c ORDER BY found.word, found.key, found.kind;
END $$;
