//! SQL, as far as rules ask about it: what tables there are, how they are indexed, and by which
//! columns queries look rows up. A statement that no parser takes is left out.

mod definitions;
mod queries;
mod schema;
mod split;
mod text;

use crate::text::FileRange;

pub use schema::{Schema, Table, migration_order, schemas};
pub use split::parse;
pub use text::SqlText;

/// A statement of SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Bytes of the text that it was read from, with the `;` behind it.
    pub range: FileRange,
    /// What it does.
    pub what: Effect,
}

/// What a statement does. Names are in lower case, without the schema before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// `CREATE TABLE`, other than a temporary one.
    CreateTable {
        /// What it is called.
        name: String,
        /// Bytes of the text: the name.
        name_range: FileRange,
        /// In the order of the statement.
        columns: Vec<Column>,
        /// Primary and foreign keys, unique constraints and indexes.
        keys: Vec<Key>,
        /// Whether it is written for MySQL or MariaDB.
        is_mysql: bool,
    },
    /// Changes of a table that there is.
    Alter {
        /// What it is called.
        table: String,
        /// In the order of the statement.
        changes: Vec<Change>,
    },
    /// `DROP TABLE`.
    DropTables(Vec<String>),
    /// `DROP INDEX`.
    DropIndexes(Vec<String>),
    /// A definition that could not be read: nothing is known about the table from here on.
    Obscure(String),
    /// Rows are added to a table.
    Insert(String),
    /// Rows are looked up: to be read, changed or deleted.
    Query(Query),
}

/// A change of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A column, with the keys that stand beside it.
    AddColumn(Column, Vec<Key>),
    /// An index or a constraint.
    AddKey(Key),
    /// A column goes, and every key with it.
    DropColumn(String),
    /// An index or constraint goes.
    DropKey(String),
    /// The primary key goes.
    DropPrimaryKey,
    /// A column is called otherwise.
    RenameColumn(String, String),
    /// The table is called otherwise.
    Rename(String),
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// In lower case.
    pub name: String,
    /// In lower case, empty when there is none.
    pub data_type: String,
    /// Whether the database counts its values up.
    pub is_counted: bool,
}

/// A primary key, a unique constraint or an index: what finds rows without reading all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// In lower case; nothing when the database names it.
    pub name: Option<String>,
    /// In order; nothing in the place of an expression.
    pub columns: Vec<Option<String>>,
    /// Whether there is one row at most for its columns.
    pub is_unique: bool,
    /// Whether it is the primary key.
    pub is_primary: bool,
    /// Whether it is a foreign key: MySQL makes an index for one, other databases do not.
    pub is_foreign: bool,
}

/// Rows that are looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What stands under one `WHERE`: the outermost first, then those of subqueries.
    pub scopes: Vec<Scope>,
    /// Whether it returns every row that the outermost scope finds: no `LIMIT`, no aggregate, no
    /// grouping.
    pub returns_all: bool,
}

/// Tables, and the conditions by which their rows are found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Derived tables and common table expressions are not among them.
    pub tables: Vec<Source>,
    /// Whether rows come from something else as well.
    pub has_others: bool,
    /// All of them hold.
    pub conditions: Vec<Condition>,
}

/// A table as a query calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// In lower case.
    pub table: String,
    /// The alias, or else the table's name.
    pub alias: String,
}

/// A condition that all rows of a query satisfy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// A column has a value, or one of several.
    Equal(ColumnRef),
    /// A column lies between values, or on one side of one.
    Range {
        /// What is compared.
        column: ColumnRef,
        /// Whether there is a bound at both ends.
        is_closed: bool,
    },
    /// A column is compared with a constant, as flags and enumerations are.
    Constant(ColumnRef),
    /// A column of one table has the value of a column of another.
    Join(ColumnRef, ColumnRef),
    /// Something else, for which an index may or may not be of use.
    Other,
}

/// A column as a query names it, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRef {
    /// The alias before the dot.
    pub alias: Option<String>,
    /// The name.
    pub name: String,
}

impl Statement {
    /// The same with its places moved, as those of a string to those of its file.
    pub fn moved(&self, place: impl Fn(FileRange) -> FileRange) -> Self {
        let mut moved = self.clone();
        moved.range = place(self.range);
        if let Effect::CreateTable { name_range, .. } = &mut moved.what {
            *name_range = place(*name_range);
        }
        moved
    }
}

impl Column {
    /// Whether it holds a point in time.
    pub fn is_time(&self) -> bool {
        const ENDINGS: &[&str] = &["_at", "_on", "_time", "_ts", "_date", "timestamp", "created"];
        ["timestamp", "datetime", "date"].iter().any(|it| self.data_type.starts_with(it))
            || ENDINGS.iter().any(|it| self.name.ends_with(it))
            || self.name.starts_with("expir")
    }

    /// Whether it is true or false.
    pub fn is_flag(&self) -> bool {
        self.data_type.starts_with("bool")
            || self.name.starts_with("is_")
            || self.name.starts_with("has_")
    }
}

impl Key {
    /// Whether it finds rows by any of these columns: it begins with one.
    pub fn serves(&self, columns: &[&str]) -> bool {
        matches!(self.columns.first(), Some(Some(first)) if columns.contains(&first.as_str()))
    }

    /// Whether values of these columns leave one row at most.
    pub fn identifies(&self, columns: &[&str]) -> bool {
        let known = |it: &Option<String>| it.as_deref().is_some_and(|it| columns.contains(&it));
        self.is_unique && self.columns.iter().all(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queries(text: &str) -> Vec<Query> {
        let queries = parse(text).into_iter().filter_map(|it| match it.what {
            Effect::Query(query) => Some(query),
            _ => None,
        });
        queries.collect()
    }

    /// The conditions of a query, in short: `=a`, `<a`, `!a` for a constant, `a~b` for a join, `?`.
    fn conditions(text: &str) -> Vec<String> {
        let queries = queries(text);
        let name = |it: &ColumnRef| match &it.alias {
            Some(alias) => format!("{alias}.{}", it.name),
            None => it.name.clone(),
        };
        let scopes = queries.iter().flat_map(|it| &it.scopes);
        let short = |it: &Condition| match it {
            Condition::Equal(column) => format!("={}", name(column)),
            Condition::Range { column, is_closed: false } => format!("<{}", name(column)),
            Condition::Range { column, is_closed: true } => format!("<>{}", name(column)),
            Condition::Constant(column) => format!("!{}", name(column)),
            Condition::Join(left, right) => format!("{}~{}", name(left), name(right)),
            Condition::Other => "?".to_string(),
        };
        scopes.flat_map(|it| it.conditions.iter().map(short)).collect()
    }

    #[test]
    fn conditions_are_read_in_every_dialect() {
        for (sql, expected) in [
            ("SELECT a FROM t WHERE b = ?1 AND c = :c", &["=b", "=c"][..]),
            ("SELECT a FROM t WHERE b = $1 AND (c < now() AND d IS NULL)", &["=b", "<c", "!d"]),
            ("SELECT `a` FROM `t` WHERE `b` = ?", &["=b"]),
            ("UPDATE \"t\" SET a = $1 WHERE \"B\" = ANY($2)", &["=b"]),
            ("DELETE FROM public.t WHERE expires_at < ?", &["<expires_at"]),
            ("SELECT a FROM t WHERE b LIKE ? OR c = ?", &["?"]),
            ("SELECT a FROM t WHERE b = 'new' AND active", &["!b", "!active"]),
            ("SELECT a FROM t WHERE lower(b) = $1", &["?"]),
            ("SELECT a FROM t WHERE b IN (?, ?) AND c BETWEEN ? AND ?", &["=b", "<>c"]),
            (
                "SELECT x.a FROM t x JOIN u ON u.t_id = x.id WHERE u.n = $1",
                &["u.t_id~x.id", "=u.n"],
            ),
            ("SELECT a FROM t WHERE b = (SELECT max(c) FROM u)", &["=b"]),
            ("SELECT a FROM t WHERE b IN (SELECT c FROM u WHERE d = ?)", &["=b", "=d"]),
            ("SELECT data->>'a' FROM t WHERE data @> $1::jsonb", &["?"]),
        ] {
            assert_eq!(conditions(sql), expected, "{sql}");
        }
    }

    #[test]
    fn names_of_with_are_no_tables() {
        let queries = queries("WITH a AS (SELECT b FROM c) SELECT b FROM a JOIN d ON d.b = a.b");
        let tables: Vec<_> = queries[0].scopes.iter().flat_map(|it| &it.tables).collect();
        let tables: Vec<&str> = tables.iter().map(|it| it.table.as_str()).collect();
        assert_eq!(tables, ["d", "c"]);
    }

    #[test]
    fn limits_aggregates_and_groups_bound_a_query() {
        let returns_all = |sql: &str| queries(sql)[0].returns_all;
        assert!(returns_all("SELECT a FROM b"));
        assert!(returns_all("SELECT a FROM b ORDER BY a OFFSET 3"));
        for sql in [
            "SELECT a FROM b LIMIT ?",
            "SELECT a FROM b FETCH FIRST 3 ROWS ONLY",
            "SELECT COALESCE(SUM(a), 0) FROM b",
            "SELECT a, count(*) FROM b GROUP BY a",
            "SELECT a FROM b UNION SELECT a FROM c",
            "DELETE FROM b",
        ] {
            assert!(!returns_all(sql), "{sql}");
        }
    }

    fn schema(files: &[(&str, &str)]) -> Vec<Schema> {
        let parsed: Vec<_> = files.iter().map(|(path, text)| (*path, parse(text))).collect();
        schemas(parsed.iter().map(|(path, statements)| (*path, statements.as_slice())))
    }

    fn keys(schema: &Schema, table: &str) -> Vec<String> {
        let join = |key: &Key| {
            let columns = key.columns.iter().map(|it| it.as_deref().unwrap_or("()"));
            let sign = if key.is_unique { "!" } else { "" };
            format!("{sign}{}", columns.collect::<Vec<_>>().join(","))
        };
        schema.tables[table].keys.iter().map(join).collect()
    }

    #[test]
    fn migrations_apply_in_their_order() {
        let schemas = schema(&[
            ("m/10_c.sql", "DROP INDEX i; ALTER TABLE a RENAME COLUMN b TO z; DROP TABLE gone;"),
            ("m/2_b.up.sql", "CREATE INDEX i ON a (b, lower(c)); CREATE TABLE gone (d int);"),
            ("m/2_b.down.sql", "DROP TABLE a;"),
            (
                "m/1_a.sql",
                "CREATE TABLE IF NOT EXISTS public.a (id SERIAL PRIMARY KEY, b text UNIQUE, c text);
                 ALTER TABLE ONLY public.a ADD CONSTRAINT k UNIQUE (c, b);",
            ),
            ("other/up.sql", "CREATE TABLE a (id int)"),
        ]);
        let [second, first] = schemas.as_slice() else { panic!("{schemas:?}") };
        assert_eq!(keys(second, "a"), [""; 0]);
        assert_eq!(keys(first, "a"), ["!id", "!z", "!c,z"]);
        assert!(first.tables["a"].columns[0].is_counted);
        assert!(!first.tables.contains_key("gone"));
        assert_eq!(first.tables["a"].path, "m/1_a.sql");
    }

    #[test]
    fn a_rebuilt_table_keeps_its_name() {
        let text = "CREATE TABLE a (b); CREATE TABLE new_a (b, c UNIQUE);
            INSERT INTO new_a SELECT b, 1 FROM a; DROP TABLE a; ALTER TABLE new_a RENAME TO a;";
        let schemas = schema(&[("m/1.sql", text)]);
        assert_eq!(keys(&schemas[0], "a"), ["!c"]);
        let table = &schemas[0].tables["a"];
        assert_eq!(&text[table.range], "new_a");
        assert!(text[..table.end.into()].ends_with("UNIQUE);"));
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let text = "CREATE TABLE a (b int); CREATE TABLE c (d int); -- é
            CREATE INDEX x ON a USING whatever ((b)) WITH SUCH (NONSENSE);
            CREATE TRIGGER t AFTER INSERT ON c BEGIN DELETE FROM c WHERE d = 1; SELECT 1; END;
            CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN DELETE FROM c; END $$ LANGUAGE plpgsql;
            GRANT ALL ON c TO me; what is this; SELECT d FROM c WHERE d = ?";
        let schemas = schema(&[("m/1.sql", text)]);
        assert_eq!(schemas[0].tables.keys().collect::<Vec<_>>(), ["c"]);
        assert_eq!(queries(text).len(), 1);
        assert_eq!(parse("SELECT 'not closed"), []);
    }

    #[test]
    fn hostile_texts_are_refused() {
        let nested = format!("SELECT a FROM b WHERE {}1{}", "(".repeat(9_999), ")".repeat(9_999));
        let long = format!("SELECT a FROM b WHERE {}c", "c OR ".repeat(99_999));
        let subqueries = format!("SELECT a FROM {} b", "(SELECT a FROM ".repeat(3_000));
        let nots = format!("SELECT a FROM b WHERE {} c", "NOT ".repeat(1_500));
        for text in [nested, long, subqueries, nots] {
            assert_eq!(queries(&text), []);
        }
        let chain = format!("SELECT a FROM b WHERE {}c = ?", "c = ? AND ".repeat(900));
        assert_eq!(conditions(&chain).len(), 901);
    }
}
