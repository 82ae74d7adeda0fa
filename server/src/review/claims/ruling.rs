use super::{Correction, Target, Verdict};

/// A verdict with what it rests on.
#[derive(Debug, Clone)]
pub struct Ruling {
    pub verdict: Verdict,
    pub evidence: String,
    pub target: Option<Target>,
    pub correction: Option<Correction>,
}

impl Ruling {
    pub fn new(verdict: Verdict, evidence: impl Into<String>) -> Self {
        Self { verdict, evidence: evidence.into(), target: None, correction: None }
    }

    pub fn at(mut self, path: &str, line: u32) -> Self {
        self.target = Some(Target { path: path.to_string(), line });
        self
    }

    pub fn correct(mut self, correction: Option<Correction>) -> Self {
        self.correction = correction;
        self
    }
}
