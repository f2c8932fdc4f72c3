-- Holdfast's tables. Text is compared byte by byte: ids and names differ by their case. Instants and spans are milliseconds;
-- instants since 1970-01-01 UTC.

CREATE TABLE IF NOT EXISTS holdfast_schema (
  one TINYINT NOT NULL PRIMARY KEY,
  version INT NOT NULL,
  -- The oldest version whose releases still work on these tables.
  serves INT NOT NULL
) ENGINE=InnoDB;

-- Sessions: hashes of tokens, never tokens. Indexed is only what a touch leaves alone.
CREATE TABLE IF NOT EXISTS holdfast_sessions (
  id VARCHAR(64) NOT NULL PRIMARY KEY,
  -- Rises with each change: a change is written only over the row that it was decided on.
  revision BIGINT NOT NULL DEFAULT 0,
  lineage_hash VARCHAR(64) NOT NULL,
  secret_hash VARCHAR(64) NOT NULL,
  previous_hash VARCHAR(64),
  renewal_salt VARCHAR(64),
  renewed_at BIGINT NOT NULL,
  confirmed_at BIGINT,
  renewals INT NOT NULL,
  incidents INT NOT NULL,
  last_incident_at BIGINT,
  epoch INT NOT NULL,
  user_id TEXT,
  -- JSON: a list of [at, level or null, method, …].
  authentications MEDIUMTEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  idle_timeout BIGINT NOT NULL,
  absolute_expires_at BIGINT NOT NULL,
  ip TEXT,
  user_agent TEXT,
  label TEXT,
  persistent TINYINT NOT NULL,
  csrf_seed VARCHAR(64) NOT NULL,
  -- JSON: the names of the indexes that this session carries.
  indexes MEDIUMTEXT NOT NULL,
  -- JSON by key: [JSON text, version, schema version].
  data LONGTEXT NOT NULL,
  data_version BIGINT NOT NULL,
  -- JSON by key: the JSON text of a feature of the library.
  system_data LONGTEXT NOT NULL,
  ended_at BIGINT,
  ended_reason VARCHAR(64),
  -- From when on the row may go: the absolute deadline, or the end of a tombstone's time.
  forget_at BIGINT NOT NULL,
  KEY holdfast_sessions_forget_at (forget_at)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How often all sessions of an index were ended: 'user:…' and the like, as bytes of UTF-8, since text that ends in a space
-- would be compared without it.
CREATE TABLE IF NOT EXISTS holdfast_indexes (
  name VARBINARY(2048) NOT NULL PRIMARY KEY,
  epoch INT NOT NULL
) ENGINE=InnoDB;

-- Who was admitted to an index. No foreign key: an admission comes before its session.
CREATE TABLE IF NOT EXISTS holdfast_index_members (
  name VARBINARY(2048) NOT NULL,
  session_id VARCHAR(64) NOT NULL,
  admitted_at BIGINT NOT NULL,
  PRIMARY KEY (name, session_id),
  KEY holdfast_index_members_session (session_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO holdfast_schema (one, version, serves) VALUES (1, 1, 1) ON DUPLICATE KEY UPDATE one = 1;
