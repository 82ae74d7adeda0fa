//! The questions that code does not answer, and what there is for each.

use super::material::Material;
use crate::config::Question;
use crate::project::TrackedProject;
use crate::project::evidence::{Standing, standing};
use crate::project::service::is_service;

/// The questions that are asked of a project.
pub struct Evidence {
    /// None where nobody operates it.
    pub questions: Vec<Asked>,
}

/// A question that is asked.
pub struct Asked {
    /// Which question.
    pub question: Question,
    /// What there is for it.
    pub standing: Standing,
    /// Whether the project is not ready without an answer.
    pub is_required: bool,
}

impl Asked {
    /// Whether there is something for it.
    pub fn is_answered(&self) -> bool {
        !matches!(self.standing, Standing::Open | Standing::Insufficient(_))
    }
}

/// Crates of databases and of stores.
const STORES: &[&str] = &[
    "deadpool_postgres", "diesel", "diesel_async", "fjall", "heed", "libsql", "mongodb", "mysql",
    "mysql_async", "native_db", "postgres", "r2d2_sqlite", "redb", "rocksdb", "rusqlite",
    "sea_orm", "sled", "sqlx", "surrealdb", "tokio_postgres", "tokio_rusqlite",
];

impl Evidence {
    /// The evidence for a project.
    pub fn of(material: &Material<'_>) -> Self {
        let cx = TrackedProject::new(material.project, material.symbols, material.config);
        if !is_service(&cx) {
            return Self { questions: Vec::new() };
        }
        let keeps_data =
            cx.packages().iter().any(|it| STORES.iter().any(|store| it.depends_on(store)));
        let asked = |question: &Question| {
            let question = *question;
            let is_about_data = matches!(
                question,
                Question::BackupAndRestore | Question::DataIntegrity | Question::Retention
            );
            let answer = material.config.evidence.get(&question);
            Asked {
                question,
                standing: standing(&cx, question, answer),
                is_required: material.config.level.requires(question)
                    && (keeps_data || !is_about_data),
            }
        };
        Self { questions: Question::ALL.iter().map(asked).collect() }
    }

    /// The questions that the project is not ready without.
    pub fn blocking(&self) -> impl Iterator<Item = &Asked> {
        self.questions.iter().filter(|it| it.is_required && !it.is_answered())
    }

    /// How many questions are open, as findings from low to critical: an answer that does not do is
    /// better than none.
    pub(super) fn affected(&self) -> [usize; 4] {
        let mut affected = [0; 4];
        for asked in self.questions.iter().filter(|it| !it.is_answered()) {
            let is_open = asked.standing == Standing::Open;
            affected[usize::from(asked.is_required && is_open)] += 1;
        }
        affected
    }
}
