/**
 * The tables and functions, as a list of migrations. An entry that has been released is never edited. The package brings
 * each as a file too, `sql/postgres/001.sql` and so on, for whoever applies migrations by other means.
 *
 * `holdfast_change` says in PL/pgSQL what `applyChange` says in TypeScript; the contract suite holds them together.
 */
export const MIGRATIONS: readonly string[] = [
  `-- Holdfast's tables and functions, in the schema public; for another one, write its name in place of "public." everywhere.
-- Instants and spans are milliseconds; instants since 1970-01-01 UTC.

CREATE TABLE public.holdfast_schema (
  version integer NOT NULL,
  -- The oldest version whose releases still work on these tables.
  serves integer NOT NULL
);
INSERT INTO public.holdfast_schema VALUES (1, 1);

-- Sessions: hashes of tokens, never tokens. Indexed is only what a touch leaves alone, so that touches are heap-only
-- updates, for which each page keeps room.
CREATE TABLE public.holdfast_sessions (
  renewed_at bigint NOT NULL,
  confirmed_at bigint,
  last_incident_at bigint,
  created_at bigint NOT NULL,
  last_seen_at bigint NOT NULL,
  idle_timeout bigint NOT NULL,
  absolute_expires_at bigint NOT NULL,
  data_version bigint NOT NULL,
  ended_at bigint,
  -- From when on the row may go: the absolute deadline, or the end of a tombstone's time.
  forget_at bigint NOT NULL,
  renewals integer NOT NULL,
  incidents integer NOT NULL,
  epoch integer NOT NULL,
  persistent boolean NOT NULL,
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  lineage_hash text COLLATE "C" NOT NULL,
  secret_hash text COLLATE "C" NOT NULL,
  previous_hash text COLLATE "C",
  renewal_salt text COLLATE "C",
  csrf_seed text COLLATE "C" NOT NULL,
  ended_reason text COLLATE "C",
  user_id text COLLATE "C",
  ip text COLLATE "C",
  user_agent text COLLATE "C",
  label text COLLATE "C",
  -- A list of [at, level or null, method, …].
  authentications jsonb NOT NULL,
  -- The names of the indexes that this session carries.
  indexes jsonb NOT NULL,
  -- By key: the JSON text of a feature of the library.
  system_data jsonb NOT NULL,
  -- By key: [JSON text, version, schema version].
  data jsonb NOT NULL
) WITH (fillfactor = 75);
CREATE INDEX holdfast_sessions_forget_at ON public.holdfast_sessions (forget_at);

-- How often all sessions of an index were ended: 'user:…' and the like.
CREATE TABLE public.holdfast_indexes (
  name text COLLATE "C" NOT NULL PRIMARY KEY,
  epoch integer NOT NULL
);

-- Who was admitted to an index. No foreign key: an admission comes before its session.
CREATE TABLE public.holdfast_index_members (
  admitted_at bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  session_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (name, session_id)
);

-- Until when somebody listens. A notification makes commits wait for each other: it is for whoever wants it.
CREATE TABLE public.holdfast_watch (watched_until timestamptz NOT NULL);
INSERT INTO public.holdfast_watch VALUES ('-infinity');

-- Call it now and then while listening: it says that somebody is, and is heard.
CREATE FUNCTION public.holdfast_beat() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE public.holdfast_watch SET watched_until = clock_timestamp() + interval '60 s'
  WHERE watched_until < clock_timestamp() + interval '40 s';
  PERFORM pg_notify('public.watch', '?');
END $$;

-- Call it when a first beat is committed: it returns when every change is, that may not have known of the listener.
CREATE FUNCTION public.holdfast_await_changes() RETURNS void LANGUAGE plpgsql SET lock_timeout = '500ms' AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1751083108, hashtext('public.watch'));
END $$;

-- One change of one session, as a whole or not at all. The row is locked first, so that changes of one session follow each
-- other; what it answers is true when the transaction ends.
CREATE FUNCTION public.holdfast_change(
  session text,
  change jsonb,
  OUT status text,
  OUT renewed boolean,
  OUT ended text,
  OUT secret text,
  OUT salt text,
  OUT version bigint
) LANGUAGE plpgsql AS $$
DECLARE
  s public.holdfast_sessions;
  changed_at bigint := (change ->> 'at')::bigint;
  condition jsonb := change -> 'while';
  privilege jsonb := change -> 'privilege';
  renewal jsonb := change -> 'renew';
  finish jsonb := change -> 'end';
  swaps jsonb := change -> 'system';
  removed text[];
  carried jsonb;
  is_changed boolean := false;
  is_news boolean := false;
BEGIN
  renewed := false;
  SELECT * INTO s FROM public.holdfast_sessions WHERE id = session FOR UPDATE;
  IF NOT FOUND OR s.ended_at IS NOT NULL OR (finish IS NULL AND changed_at >= s.absolute_expires_at) THEN
    status := 'gone';
    RETURN;
  END IF;
  carried := s.indexes;
  secret := s.secret_hash;
  salt := s.renewal_salt;
  version := s.data_version;

  IF finish IS NOT NULL THEN
    IF (condition ? 'index' AND NOT s.indexes ? (condition ->> 'index'))
      OR (condition ->> 'lastSeenAt')::bigint <> s.last_seen_at
      OR (condition ->> 'epoch')::integer <> s.epoch
    THEN
      status := 'conflict';
      RETURN;
    END IF;
  ELSE
    IF (change ->> 'epoch')::integer <> s.epoch THEN
      status := 'stale';
      RETURN;
    END IF;
    IF change ? 'expect' AND EXISTS (
      SELECT FROM jsonb_each_text(change -> 'expect') AS wanted (key, version)
      WHERE coalesce((s.data -> wanted.key ->> 1)::bigint, 0) <> wanted.version::bigint
    ) OR swaps IS NOT NULL AND EXISTS (
      SELECT FROM jsonb_each(swaps) AS swap (key, pair)
      WHERE s.system_data ->> swap.key IS DISTINCT FROM swap.pair ->> 0
    ) THEN
      status := 'conflict';
      RETURN;
    END IF;

    IF privilege IS NOT NULL THEN
      s.lineage_hash := privilege ->> 'lineageHash';
      s.secret_hash := privilege ->> 'secretHash';
      s.csrf_seed := privilege ->> 'csrfSeed';
      s.previous_hash := NULL;
      s.renewal_salt := NULL;
      s.confirmed_at := NULL;
      s.renewed_at := greatest(s.renewed_at, (privilege ->> 'at')::bigint);
      s.last_seen_at := greatest(s.last_seen_at, (privilege ->> 'at')::bigint);
      s.renewals := s.renewals + 1;
      s.incidents := 0;
      s.last_incident_at := NULL;
      s.epoch := s.epoch + 1;
      s.ip := privilege -> 'client' ->> 0;
      s.user_agent := privilege -> 'client' ->> 1;
      s.label := coalesce(privilege -> 'client' ->> 2, s.label);
      s.user_id := coalesce(privilege ->> 'userId', s.user_id);
      s.authentications := coalesce(privilege -> 'authentications', s.authentications);
      s.indexes := coalesce(privilege -> 'indexes', s.indexes);
      s.persistent := coalesce((privilege ->> 'persistent')::boolean, s.persistent);
      s.idle_timeout := coalesce((privilege ->> 'idleTimeout')::bigint, s.idle_timeout);
      s.absolute_expires_at := coalesce((privilege ->> 'absoluteExpiresAt')::bigint, s.absolute_expires_at);
      s.forget_at := s.absolute_expires_at;
      is_changed := true;
      is_news := true;
    END IF;

    IF change ? 'remove' OR privilege ? 'keep' THEN
      SELECT array_agg(key) INTO removed FROM jsonb_object_keys(s.data) AS key
      WHERE change -> 'remove' ? key OR (privilege ? 'keep' AND NOT privilege -> 'keep' ? key);
    END IF;
    IF removed IS NOT NULL OR change ? 'set' THEN
      s.data_version := s.data_version + 1;
      s.data := s.data - coalesce(removed, '{}') || coalesce((
        SELECT jsonb_object_agg(key, jsonb_build_array(entry -> 0, s.data_version, entry -> 1))
        FROM jsonb_each(change -> 'set') AS given (key, entry)
      ), '{}');
      is_changed := true;
      is_news := true;
    END IF;
    IF swaps IS NOT NULL THEN
      s.system_data := s.system_data - ARRAY(SELECT jsonb_object_keys(swaps)) || coalesce((
        SELECT jsonb_object_agg(key, pair -> 1) FROM jsonb_each(swaps) AS swap (key, pair)
        WHERE pair ->> 1 IS NOT NULL
      ), '{}');
      is_changed := true;
      is_news := true;
    END IF;
    IF (change ->> 'touch')::bigint > s.last_seen_at THEN
      s.last_seen_at := (change ->> 'touch')::bigint;
      is_changed := true;
    END IF;
    IF s.renewal_salt IS NOT NULL AND s.secret_hash = change ->> 'confirm' THEN
      s.renewal_salt := NULL;
      s.confirmed_at := greatest(s.renewed_at, changed_at);
      s.incidents := 0;
      s.last_incident_at := NULL;
      is_changed := true;
      is_news := true;
    END IF;
    IF s.renewal_salt IS NOT NULL AND s.previous_hash = change ->> 'repeat' AND changed_at > s.renewed_at THEN
      s.renewed_at := changed_at;
      is_changed := true;
    END IF;
    IF renewal ->> 'from' = s.secret_hash THEN
      s.previous_hash := s.secret_hash;
      s.secret_hash := renewal ->> 'secretHash';
      s.renewal_salt := renewal ->> 'salt';
      s.renewed_at := greatest(s.renewed_at, (renewal ->> 'at')::bigint);
      s.confirmed_at := NULL;
      s.renewals := s.renewals + 1;
      s.ip := renewal -> 'client' ->> 0;
      s.user_agent := renewal -> 'client' ->> 1;
      s.label := coalesce(s.label, renewal -> 'client' ->> 2);
      renewed := true;
      is_changed := true;
      is_news := true;
    END IF;
    IF change ? 'incident' THEN
      IF s.last_incident_at IS NULL OR changed_at - s.last_incident_at >= (change -> 'incident' ->> 'apart')::bigint THEN
        s.incidents := s.incidents + 1;
        s.last_incident_at := changed_at;
        is_changed := true;
      END IF;
      IF s.incidents >= (change -> 'incident' ->> 'limit')::bigint THEN
        finish := jsonb_build_array('reused', changed_at, change -> 'incident' -> 'tombstoneFor');
      END IF;
    END IF;
  END IF;

  IF finish IS NOT NULL THEN
    ended := finish ->> 0;
    s.ended_reason := ended;
    s.ended_at := (finish ->> 1)::bigint;
    s.forget_at := greatest(s.ended_at, least(s.absolute_expires_at, s.ended_at + (finish ->> 2)::bigint));
    s.renewal_salt := NULL;
    s.ip := NULL;
    s.user_agent := NULL;
    s.label := NULL;
    s.data := '{}';
    s.system_data := '{}';
    s.indexes := '[]';
    s.csrf_seed := '';
    DELETE FROM public.holdfast_index_members
    WHERE session_id = session AND name = ANY (ARRAY(SELECT jsonb_array_elements_text(carried)));
    is_changed := true;
    is_news := true;
  END IF;
  IF is_changed THEN
    UPDATE public.holdfast_sessions SET
      lineage_hash = s.lineage_hash,
      secret_hash = s.secret_hash,
      previous_hash = s.previous_hash,
      renewal_salt = s.renewal_salt,
      renewed_at = s.renewed_at,
      confirmed_at = s.confirmed_at,
      renewals = s.renewals,
      incidents = s.incidents,
      last_incident_at = s.last_incident_at,
      epoch = s.epoch,
      user_id = s.user_id,
      authentications = s.authentications,
      last_seen_at = s.last_seen_at,
      idle_timeout = s.idle_timeout,
      absolute_expires_at = s.absolute_expires_at,
      ip = s.ip,
      user_agent = s.user_agent,
      label = s.label,
      persistent = s.persistent,
      csrf_seed = s.csrf_seed,
      indexes = s.indexes,
      data = s.data,
      data_version = s.data_version,
      system_data = s.system_data,
      ended_at = s.ended_at,
      ended_reason = s.ended_reason,
      forget_at = s.forget_at
    WHERE id = session;
  END IF;
  IF is_news THEN
    PERFORM pg_advisory_xact_lock_shared(1751083108, hashtext('public.watch'));
    IF (SELECT watched_until > clock_timestamp() FROM public.holdfast_watch) THEN
      PERFORM pg_notify('public.watch', CASE WHEN ended IS NULL THEN '+' ELSE '-' END || session);
    END IF;
  END IF;
  status := 'applied';
  secret := s.secret_hash;
  salt := s.renewal_salt;
  version := s.data_version;
END $$;

-- Admits a session to an index, and names who is over a limit. Admissions whose session never came go.
CREATE FUNCTION public.holdfast_admit(
  index_name text,
  session text,
  now_at bigint,
  unfinished_for bigint,
  sessions_allowed bigint,
  OUT index_epoch integer,
  OUT displaced text
) LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM public.holdfast_index_members WHERE (name, session_id) IN (
    SELECT m.name, m.session_id FROM public.holdfast_index_members AS m
    WHERE m.name = index_name AND m.session_id <> session AND m.admitted_at <= now_at - unfinished_for
      AND NOT EXISTS (SELECT FROM public.holdfast_sessions WHERE id = m.session_id)
    FOR UPDATE SKIP LOCKED
  );
  INSERT INTO public.holdfast_index_members (name, session_id, admitted_at) VALUES (index_name, session, now_at)
  ON CONFLICT DO NOTHING;
  SELECT epoch INTO index_epoch FROM public.holdfast_indexes WHERE name = index_name;
  index_epoch := coalesce(index_epoch, 0);
  displaced := '[]';
  IF sessions_allowed IS NOT NULL THEN
    WITH counted AS (
      SELECT session_id, row_number() OVER (ORDER BY admitted_at DESC, session_id DESC) AS place
      FROM public.holdfast_index_members LEFT JOIN public.holdfast_sessions ON id = session_id
      WHERE name = index_name
        AND (session_id = session OR (ended_at IS NULL AND forget_at > now_at AND indexes ? index_name))
    )
    SELECT coalesce(jsonb_agg(session_id ORDER BY place DESC), '[]') INTO displaced
    FROM counted WHERE place > sessions_allowed;
  END IF;
END $$;

-- Ends every session of an index but one. Call it when the epoch has risen, and that is committed: what a sign-in has
-- inserted meanwhile is seen here, or sees the new epoch there.
CREATE FUNCTION public.holdfast_end_by(index_name text, finish jsonb, except_session text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  session text;
  done integer := 0;
  change jsonb := jsonb_build_object('end', finish, 'while', jsonb_build_object('index', index_name));
BEGIN
  -- Each in the same order, so that none waits for another in a circle.
  FOR session IN SELECT session_id FROM public.holdfast_index_members WHERE name = index_name ORDER BY session_id LOOP
    IF session IS DISTINCT FROM except_session AND (public.holdfast_change(session, change)).status = 'applied' THEN
      done := done + 1;
    END IF;
  END LOOP;
  RETURN done;
END $$;

-- Drops what is over: one caller at a time, and nothing that somebody else is at work on.
CREATE FUNCTION public.holdfast_prune(now_at bigint, at_most bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  due record;
  done bigint := 0;
BEGIN
  IF NOT pg_try_advisory_xact_lock(1751083108, hashtext('public.prune')) THEN
    RETURN 0;
  END IF;
  -- One by one, by whole keys: for all at once, the server would rather read through the table of members.
  FOR due IN
    SELECT id, indexes FROM public.holdfast_sessions WHERE forget_at <= now_at
    ORDER BY forget_at LIMIT at_most FOR UPDATE SKIP LOCKED
  LOOP
    DELETE FROM public.holdfast_index_members
    WHERE session_id = due.id AND name = ANY (ARRAY(SELECT jsonb_array_elements_text(due.indexes)));
    DELETE FROM public.holdfast_sessions WHERE id = due.id;
    done := done + 1;
  END LOOP;
  RETURN done;
END $$;
`,
];
