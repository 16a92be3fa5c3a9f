//! The tables, their version, and the triggers that make them append-only.

use rusqlite::Connection;

/// The format that this program writes, kept as SQLite's `user_version`.
pub const FORMAT: i64 = 5;

/// The format before passes had an orchestration: the client called every function. It is read as
/// such, and a writer brings it to the present one.
pub(crate) const BY_THE_CLIENT: i64 = 4;

/// Every table; each gets its two triggers.
const TABLES: &[&str] = &[
    "study",
    "run",
    "fact",
    "effect",
    "effect_outcome",
    "deployment",
    "verification",
    "round",
    "round_outcome",
    "pass",
    "pass_outcome",
    "invocation",
    "invocation_outcome",
    "invocation_output",
    "late_report",
    "execution",
    "distance",
];

/// What format 5 brought.
const ORCHESTRATION: &str =
    "ALTER TABLE pass ADD COLUMN orchestration TEXT NOT NULL DEFAULT 'client'";

/// Makes an empty database a journal, at once or not at all.
pub(crate) fn create(db: &mut Connection) -> rusqlite::Result<()> {
    let transaction = db.transaction()?;
    transaction.execute_batch(include_str!("schema.sql"))?;
    transaction.execute_batch(include_str!("execution.sql"))?;
    for table in TABLES {
        guard(&transaction, table)?;
    }
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()
}

/// Brings a journal of [`BY_THE_CLIENT`] to the present format, at once or not at all. Nothing that
/// stands in it is changed.
pub(crate) fn bring_up(db: &mut Connection) -> rusqlite::Result<()> {
    let transaction = db.transaction()?;
    transaction.execute_batch(ORCHESTRATION)?;
    transaction.execute_batch(include_str!("execution.sql"))?;
    guard(&transaction, "execution")?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()
}

/// The two triggers of a table.
fn guard(db: &Connection, table: &str) -> rusqlite::Result<()> {
    for action in ["UPDATE", "DELETE"] {
        db.execute_batch(&format!(
            "CREATE TRIGGER {table}_{action} BEFORE {action} ON {table}
             BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;"
        ))?;
    }
    Ok(())
}

/// The format of an open database; 0 is an empty one.
pub(crate) fn format(db: &Connection) -> rusqlite::Result<i64> {
    db.query_row("PRAGMA user_version", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_the_schema_has_its_triggers() {
        let mut db = Connection::open_in_memory().unwrap();
        create(&mut db).unwrap();
        let names = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let mut statement = db.prepare(names).unwrap();
        let tables: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let mut listed = TABLES.to_vec();
        listed.sort_unstable();
        assert_eq!(tables, listed);
        assert_eq!(format(&db).unwrap(), FORMAT);
    }
}
