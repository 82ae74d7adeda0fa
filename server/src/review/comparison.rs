//! How a score compares with those of published projects.

use super::model::{Comparison, Kind};

/// Tab-separated: the kind, the score, the name and the version or commit of each project that was
/// reviewed. `cargo run --release --example calibrate` writes it.
const TABLE: &str = include_str!("calibration.tsv");

/// The fewest projects of a kind that say something.
const MIN_PROJECTS: usize = 8;

/// How a score compares with those of the same kind.
pub(super) fn compare(kind: Kind, score: u32) -> Option<Comparison> {
    let (one, many) = kind.names();
    let of_kind: Vec<u32> = TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut columns = line.split('\t');
            (columns.next()? == one).then_some(())?;
            columns.next()?.trim().parse().ok()
        })
        .collect();
    if of_kind.len() < MIN_PROJECTS {
        return None;
    }
    let below = of_kind.iter().filter(|it| **it < score).count();
    let better_than = u32::try_from(below * 100 / of_kind.len()).ok()?;
    Some(Comparison { better_than, of: of_kind.len(), kind: many.to_string() })
}
