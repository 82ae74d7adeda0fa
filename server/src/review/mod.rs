//! The production readiness review: what a person would write after they read all findings.

mod advice;
mod build;
mod checklist;
pub mod claims;
mod comparison;
mod evidence;
mod html;
mod issues;
mod markdown;
mod material;
mod model;
mod monitor;
mod opportunities;
mod score;
mod steps;
mod strengths;

pub use advice::{Advice, first_sentence};
pub use build::Summary;
pub use html::{html, rule_page};
pub use markdown::{explain_score, markdown};
pub use material::{Material, ReviewedFile, Texts};
pub use model::{Kind, Review, schema};
