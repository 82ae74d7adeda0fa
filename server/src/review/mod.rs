//! The production readiness review: what a person would write after they read all findings.

pub mod claims;
