"""The tables of the state of a batch, as SQLite makes them where they are not there."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS recipes (key TEXT PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS jobs (
    output TEXT PRIMARY KEY, number INTEGER NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL,
    recipe TEXT NOT NULL, priority INTEGER NOT NULL, state TEXT NOT NULL,
    size_bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,  -- of the input, as it was planned
    reason TEXT NOT NULL DEFAULT '', lasting INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0, worked INTEGER NOT NULL DEFAULT 0,  -- in the last run
    made_recipe TEXT, made_sha256 TEXT, seconds REAL, notes TEXT NOT NULL DEFAULT '[]'
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, priority DESC, number);
CREATE TABLE IF NOT EXISTS files (
    output TEXT NOT NULL, path TEXT NOT NULL, mtime_ns INTEGER NOT NULL, document TEXT NOT NULL,
    picture BLOB, PRIMARY KEY (output, path)
);
CREATE TABLE IF NOT EXISTS attempts (
    output TEXT NOT NULL, run INTEGER NOT NULL, started TEXT NOT NULL, seconds REAL,
    outcome TEXT NOT NULL DEFAULT 'lost', reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS attempts_by_output ON attempts (output);
"""
