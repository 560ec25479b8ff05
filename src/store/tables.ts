/** The store's tables, as steps from one version to the next (`sqlite/migrate.ts`). */

/**
 * `n` is the order of arrival. A body stands apart from its record, so that dropping it after the end of a delivery
 * gives its pages back and moves nothing else; triggers do that, so no path can forget it.
 */
const first = `
CREATE TABLE deliveries (
  n INTEGER PRIMARY KEY,
  delivery_id TEXT NOT NULL UNIQUE,
  agent_id TEXT NOT NULL,
  agent TEXT NOT NULL,
  seq INTEGER NOT NULL,
  numbered INTEGER NOT NULL,
  origin TEXT NOT NULL,
  message_id TEXT NOT NULL,
  sender TEXT NOT NULL,
  target TEXT NOT NULL,
  state TEXT NOT NULL,
  received_at REAL NOT NULL,
  typing_at REAL,
  submitted_at REAL,
  evidence TEXT,
  acked_at REAL,
  dead_reason TEXT
);
CREATE INDEX deliveries_of_message ON deliveries (message_id);
CREATE INDEX deliveries_of_agent ON deliveries (agent);
CREATE INDEX deliveries_unacked ON deliveries (agent_id, seq) WHERE state IN ('waiting', 'typing', 'submitted');
CREATE TABLE bodies (n INTEGER PRIMARY KEY, message TEXT NOT NULL);
CREATE TRIGGER body_of_ended AFTER UPDATE OF state ON deliveries WHEN new.state IN ('acked', 'dead')
  BEGIN DELETE FROM bodies WHERE n = new.n; END;
CREATE TRIGGER body_of_deleted AFTER DELETE ON deliveries
  BEGIN DELETE FROM bodies WHERE n = old.n; END;
CREATE TABLE cursors (
  agent_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  received INTEGER NOT NULL,
  acked INTEGER NOT NULL
);
CREATE TABLE agents (
  name TEXT PRIMARY KEY,
  agent_id TEXT,
  generation INTEGER NOT NULL,
  spec TEXT NOT NULL,
  state TEXT NOT NULL,
  updated_at REAL NOT NULL
);
CREATE TABLE invocations (
  n INTEGER PRIMARY KEY,
  invocation_id TEXT NOT NULL UNIQUE,
  action TEXT NOT NULL,
  opened_at REAL NOT NULL,
  answer TEXT
);
CREATE TABLE dead_letters (
  n INTEGER PRIMARY KEY,
  delivery_id TEXT NOT NULL UNIQUE,
  agent TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  message_id TEXT,
  seq INTEGER NOT NULL,
  reason TEXT NOT NULL,
  at REAL NOT NULL,
  redelivered_as TEXT,
  message TEXT,
  raw TEXT
);
`

const undos = `
CREATE TABLE undos (
  name TEXT PRIMARY KEY,
  agent_id TEXT,
  since REAL NOT NULL
);
`

const crashes = `
CREATE TABLE crashes (
  n INTEGER PRIMARY KEY,
  agent TEXT NOT NULL,
  exit_code INTEGER,
  signal INTEGER,
  at REAL NOT NULL,
  uptime REAL NOT NULL
);
`
/** A row per time that an alert was raised; the history is what has an end. */
const alerts = `
CREATE TABLE alerts (
  n INTEGER PRIMARY KEY,
  code TEXT NOT NULL,
  subject TEXT NOT NULL,
  since REAL NOT NULL,
  last REAL NOT NULL,
  count INTEGER NOT NULL,
  message TEXT NOT NULL,
  ended_at REAL,
  ended_how TEXT,
  UNIQUE (code, subject, since)
);
CREATE INDEX alerts_ended ON alerts (n) WHERE ended_at IS NOT NULL;
`

/** One row: events up to here have been numbered, or may have been. */
const eventNumbers = `
CREATE TABLE event_numbers (
  n INTEGER PRIMARY KEY CHECK (n = 1),
  up_to INTEGER NOT NULL
);
`

/** Through what a delivery was proven, and why one that was put in is not. */
const proof = `
ALTER TABLE deliveries ADD COLUMN channel TEXT;
ALTER TABLE deliveries ADD COLUMN unproven TEXT;
`

export const migrations: ReadonlyArray<string> = [first, undos, crashes, alerts, eventNumbers, proof]
