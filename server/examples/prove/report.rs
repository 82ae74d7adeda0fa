//! The report: a table by crate, another by rule, the failures, and why there are no fixes.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};

use crate::proof::{Counts, Outcome, PANICKING, Proof, Turned};

#[derive(Debug, Default)]
pub struct Report {
    crates: usize,
    skipped: usize,
    unattributed: usize,
    changed_tests: usize,
    /// Panicking calls.
    panicking: Row,
    rules: BTreeMap<&'static str, Row>,
    reasons: BTreeMap<&'static str, usize>,
    turned: BTreeMap<String, Turned>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Row {
    counts: Counts,
    safe: Compiled,
    all: Compiled,
}

#[derive(Debug, Default, Clone, Copy)]
struct Compiled {
    applied: usize,
    failed: usize,
}

impl Report {
    /// Takes in a crate and returns what is printed of it.
    pub fn add(&mut self, name: &str, proof: anyhow::Result<Proof>) -> String {
        let mut text = match self.crates + self.skipped {
            0 => header("crate"),
            _ => String::new(),
        };
        let proof = match proof {
            Ok(proof) => proof,
            Err(error) => {
                self.skipped += 1;
                return format!("{text}{name:<32} skipped: {error:#}\n");
            }
        };
        self.crates += 1;
        let mut panicking = Row::default();
        for rule in rules_of(&proof) {
            let row = Row::of(rule, &proof);
            self.rules.entry(rule).or_default().add(&row);
            if PANICKING.contains(&rule) {
                panicking.add(&row);
            }
        }
        self.panicking.add(&panicking);
        for (reason, count) in &proof.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
        for (title, turned) in &proof.turned {
            let sum = self.turned.entry(title.clone()).or_default();
            sum.count += turned.count;
            sum.in_option += turned.in_option;
        }
        text += &panicking.line(name);
        for (phase, outcome) in [("safe", &proof.safe), ("suggested", &proof.suggested)] {
            self.unattributed += outcome.unattributed.len();
            text += &failures(phase, outcome);
        }
        if let Some(tests) = &proof.tests {
            self.changed_tests += tests.differences.len();
            // Writing to a string does not fail.
            let _ = writeln!(text, "    {} tests before and after the safe fixes", tests.count);
            for difference in &tests.differences {
                let _ = writeln!(text, "    test {difference}");
            }
        }
        text
    }

    /// Whether no safe fix failed, and at least 98 of 100 of all fixes compiled.
    pub fn is_proof(&self) -> bool {
        let (safe, all) = self.rules.values().fold((0, Compiled::default()), |(safe, all), row| {
            let applied = all.applied + row.all.applied;
            (safe + row.safe.failed, Compiled { applied, failed: all.failed + row.all.failed })
        });
        safe + self.unattributed + self.changed_tests == 0 && all.failed * 50 <= all.applied
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.panicking.line("all"))?;
        let (built, skipped) = (self.crates, self.skipped);
        writeln!(
            f,
            "\n{built} crates, {skipped} skipped, {} errors unattributed",
            self.unattributed
        )?;
        write!(f, "\n{}", header("rule"))?;
        let has_fixes = |row: &Row| row.counts.offered + row.all.applied > 0;
        for (rule, row) in self.rules.iter().filter(|(_, row)| has_fixes(row)) {
            write!(f, "{}", row.line(rule))?;
        }
        writeln!(
            f,
            "\nwhat safe fixes turn a panic into (of them in bodies that return `Option`)"
        )?;
        for (title, turned) in &self.turned {
            writeln!(f, "{:>6} ({})  {title}", turned.count, turned.in_option)?;
        }
        writeln!(f, "\npanicking calls without a fix")?;
        let mut reasons: Vec<_> = self.reasons.iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (reason, count) in reasons {
            writeln!(f, "{count:>6}  {reason}")?;
        }
        Ok(())
    }
}

impl Row {
    fn of(rule: &str, proof: &Proof) -> Self {
        let compiled = |outcome: &Outcome| Compiled {
            applied: outcome.applied.get(rule).copied().unwrap_or_default(),
            failed: outcome.failures.iter().filter(|it| it.fix.rule.id == rule).count(),
        };
        let counts = proof.findings.get(rule).copied().unwrap_or_default();
        Self { counts, safe: compiled(&proof.safe), all: compiled(&proof.suggested) }
    }

    fn add(&mut self, other: &Self) {
        self.counts.found += other.counts.found;
        self.counts.offered += other.counts.offered;
        self.counts.safe += other.counts.safe;
        for (sum, other) in [(&mut self.safe, other.safe), (&mut self.all, other.all)] {
            sum.applied += other.applied;
            sum.failed += other.failed;
        }
    }

    fn line(&self, name: &str) -> String {
        let Counts { found, offered, safe } = self.counts;
        let compiled =
            |it: Compiled| format!("{}/{}", it.applied.saturating_sub(it.failed), it.applied);
        let (safely, all) = (compiled(self.safe), compiled(self.all));
        format!("{name:<32}{found:>7}{offered:>9}{safe:>7}{safely:>15}{all:>15}\n")
    }
}

fn header(first: &str) -> String {
    let columns = format!(
        "{:>7}{:>9}{:>7}{:>15}{:>15}",
        "found", "offered", "safe", "safe compiled", "all compiled"
    );
    format!("{first:<32}{columns}\n")
}

fn rules_of(proof: &Proof) -> Vec<&'static str> {
    let applied = proof.safe.applied.keys().chain(proof.suggested.applied.keys());
    let mut rules: Vec<&'static str> = proof.findings.keys().chain(applied).copied().collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

fn failures(phase: &str, outcome: &Outcome) -> String {
    let mut text = String::new();
    for failure in &outcome.failures {
        let (rule, title) = (failure.fix.rule.id, &failure.fix.title);
        let applicability = failure.fix.applicability.name();
        // Writing to a string does not fail.
        let _ = writeln!(text, "    {phase}: {rule} ({applicability}): {title}");
        let _ = writeln!(text, "        {}", failure.line);
        let _ = writeln!(text, "        {}", place(&failure.error));
    }
    for error in &outcome.unattributed {
        let _ = writeln!(text, "    {phase}: unattributed: {}", place(error));
    }
    text
}

fn place(error: &crate::cargo::CompilerError) -> String {
    match error.places.first() {
        Some(place) => format!("{} at {}:{}", error.message, place.path, place.line),
        None => error.message.clone(),
    }
}
