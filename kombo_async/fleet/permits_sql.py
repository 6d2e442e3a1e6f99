"""Shared limits in SQL: two functions in the database, so that a handful of permits is one round trip."""

PERMITS = """
CREATE TABLE IF NOT EXISTS kombo_fleet.limits (
    name text PRIMARY KEY,
    window_number bigint NOT NULL DEFAULT 0,
    quota float8 NOT NULL DEFAULT 0,
    available float8,
    remaining float8 NOT NULL DEFAULT 0,
    began_at float8 NOT NULL DEFAULT 0,
    resets_at float8 NOT NULL DEFAULT 0,
    observed_at float8 NOT NULL DEFAULT 0,
    probe_until float8 NOT NULL DEFAULT 0,
    free_until float8 NOT NULL DEFAULT 0,
    refills boolean NOT NULL DEFAULT false,
    used_at float8 NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS kombo_fleet.permits (
    name text NOT NULL REFERENCES kombo_fleet.limits ON DELETE CASCADE,
    holder text NOT NULL,
    permits integer NOT NULL,
    wanted integer NOT NULL,
    expires_at float8 NOT NULL,
    PRIMARY KEY (name, holder)
);

-- The rate window. available is what no process has: NULL until a response says what the window has. One process at a
-- time finds that out by a probe.
CREATE OR REPLACE FUNCTION kombo_fleet.take_permits_v1(
    p_name text, p_holder text, p_wanted integer, p_unused integer, p_window bigint, p_on_wire integer,
    p_quota float8, p_remaining float8, p_reset float8, p_sent_ago float8, p_received_ago float8, p_unlimited boolean,
    OUT permits integer, OUT window_number bigint, OUT seconds float8
) LANGUAGE plpgsql AS $$
DECLARE
    l kombo_fleet.limits;
    t float8;
    received_at float8;
    others integer;
    active integer;
BEGIN
    INSERT INTO kombo_fleet.limits AS x (name) VALUES (p_name) ON CONFLICT DO NOTHING;
    SELECT * INTO l FROM kombo_fleet.limits x WHERE x.name = p_name FOR UPDATE;
    t := extract(epoch FROM clock_timestamp());
    received_at := t - p_received_ago;
    SELECT coalesce(sum(x.permits), 0), count(*) FILTER (WHERE x.wanted > 0) + 1 INTO others, active
        FROM kombo_fleet.permits x WHERE x.name = p_name AND x.holder <> p_holder AND x.expires_at > t;
    IF l.available IS NOT NULL AND t >= l.resets_at THEN
        l.available := NULL;
        l.began_at := l.resets_at;
        l.probe_until := 0;
    END IF;
    IF p_unlimited AND l.available IS NULL THEN
        l.free_until := t + 60;
    END IF;
    IF p_remaining IS NOT NULL AND t - p_sent_ago >= l.began_at THEN
        l.free_until := 0;
        IF l.available IS NULL OR p_remaining - l.remaining > p_quota / 2 AND t - p_sent_ago > l.observed_at THEN
            -- A new window, perhaps earlier than announced.
            l.window_number := l.window_number + 1;
            l.available := greatest(p_remaining - p_on_wire, 0);
            l.resets_at := received_at + p_reset;
            l.quota := p_quota;
        ELSE
            -- Seconds are rounded up, so that the earliest is the most exact.
            l.resets_at := least(l.resets_at, received_at + p_reset);
            IF p_remaining < l.available THEN
                -- A client outside of these processes has used some.
                l.available := p_remaining;
            ELSIF p_remaining > l.remaining AND t - p_sent_ago > l.observed_at + 0.05
                AND p_remaining - p_on_wire - others > l.available THEN
                -- A token bucket, which is refilled all the time: this request was sent after that response.
                l.refills := true;
                l.available := p_remaining - p_on_wire - others;
            END IF;
        END IF;
        IF received_at > l.observed_at THEN
            l.remaining := p_remaining;
            l.observed_at := received_at;
        END IF;
    END IF;
    IF p_unused > 0 AND p_window = l.window_number AND l.available IS NOT NULL THEN
        l.available := l.available + p_unused;
    END IF;
    permits := 0;
    seconds := 1;
    IF p_wanted > 0 THEN
        IF l.available IS NULL THEN
            IF t < l.free_until THEN
                permits := p_wanted;
                seconds := l.free_until - t;
            ELSIF t >= l.probe_until THEN
                permits := 1;
                seconds := 2;
                l.probe_until := t + 2;
            ELSE
                seconds := 0.03;
            END IF;
        ELSIF l.available >= 1 THEN
            permits := least(p_wanted, floor(l.available), greatest(1, ceil(l.available / (2 * active))));
            seconds := l.resets_at - t;
            l.available := l.available - permits;
        ELSIF l.refills AND t >= l.probe_until THEN
            permits := 1;
            seconds := 1;
            l.probe_until := t + 0.1;
        ELSE
            -- Others may give some back earlier.
            seconds := least(l.resets_at - t, CASE WHEN l.refills THEN 0.1 ELSE 1 END);
        END IF;
    END IF;
    window_number := l.window_number;
    UPDATE kombo_fleet.limits x SET window_number = l.window_number, quota = l.quota, available = l.available,
        remaining = l.remaining, began_at = l.began_at, resets_at = l.resets_at, observed_at = l.observed_at,
        probe_until = l.probe_until, free_until = l.free_until, refills = l.refills, used_at = t WHERE x.name = p_name;
    INSERT INTO kombo_fleet.permits AS x (name, holder, permits, wanted, expires_at)
        VALUES (p_name, p_holder, p_on_wire + permits, p_wanted, t + 30)
        ON CONFLICT (name, holder) DO UPDATE SET permits = excluded.permits, wanted = excluded.wanted,
        expires_at = excluded.expires_at;
END $$;

-- Action slots of one integration. Each process that wants some is due an equal share; what others do not want is
-- free for all.
CREATE OR REPLACE FUNCTION kombo_fleet.take_slots_v1(
    p_name text, p_holder text, p_in_use integer, p_wanted integer, p_limit float8,
    OUT slots integer, OUT is_scarce boolean
) LANGUAGE plpgsql AS $$
DECLARE
    t float8;
    capacity float8;
    held integer;
    wanting integer;
    share integer;
    reserved integer;
    starving integer;
BEGIN
    INSERT INTO kombo_fleet.limits AS x (name) VALUES (p_name) ON CONFLICT DO NOTHING;
    SELECT x.quota INTO capacity FROM kombo_fleet.limits x WHERE x.name = p_name FOR UPDATE;
    IF p_limit > 0 AND p_limit <> capacity THEN
        UPDATE kombo_fleet.limits x SET quota = p_limit WHERE x.name = p_name;
        capacity := p_limit;
    END IF;
    t := extract(epoch FROM clock_timestamp());
    SELECT coalesce(sum(x.permits), 0), count(*) FILTER (WHERE x.wanted > 0) INTO held, wanting
        FROM kombo_fleet.permits x WHERE x.name = p_name AND x.holder <> p_holder AND x.expires_at > t;
    share := greatest(1, floor(capacity / (wanting + 1)));
    SELECT coalesce(sum(least(x.wanted, share)), 0), count(*) FILTER (WHERE x.permits < least(x.wanted, share))
        INTO reserved, starving
        FROM kombo_fleet.permits x WHERE x.name = p_name AND x.holder <> p_holder AND x.expires_at > t;
    IF capacity = 0 THEN
        -- How many there are is not known before the first response.
        slots := least(p_wanted, 1);
    ELSE
        slots := least(p_wanted, greatest(share, floor(capacity) - reserved), floor(capacity) - held);
    END IF;
    -- It may be less than are in use: then those that end are not replaced, and others get their slots.
    slots := greatest(slots, 0);
    is_scarce := slots < p_wanted OR starving > 0;
    UPDATE kombo_fleet.limits x SET used_at = t WHERE x.name = p_name AND x.used_at < t - 60;
    IF p_wanted = 0 AND p_in_use = 0 THEN
        DELETE FROM kombo_fleet.permits x WHERE x.name = p_name AND x.holder = p_holder;
    ELSE
        INSERT INTO kombo_fleet.permits AS x (name, holder, permits, wanted, expires_at)
            VALUES (p_name, p_holder, greatest(slots, p_in_use), p_wanted, t + 10)
            ON CONFLICT (name, holder) DO UPDATE SET permits = excluded.permits, wanted = excluded.wanted,
            expires_at = excluded.expires_at;
    END IF;
END $$;
"""
