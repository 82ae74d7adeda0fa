//! Defaults that stand in objects of TypeScript: `timestampMaxAge: 60000`.

use std::collections::BTreeMap;

use super::{Default, MAX_PLACES};
use crate::analysis::ProjectContext;
use crate::project::ReferenceKind;
use crate::project::config_purpose::{Purpose, purpose};
use crate::syntax::names::words;

const FIELD: &str = "setting-field";

/// A field of several words with a number; an expression is no literal.
pub(super) const PATTERNS: &[(&str, &str)] =
    &[(FIELD, r"\b([a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+\s*:\s*[0-9][0-9_]*)\s*(?:[,}\n]|//)")];

/// Words of fields that set how something works.
const SETTING_WORDS: &[&str] = &[
    "age", "bytes", "count", "delay", "expiry", "interval", "length", "lifetime", "limit", "max",
    "min", "per", "period", "retries", "size", "timeout", "ttl", "window",
];

/// Adds the fields whose variable has a default in the same unit, and those of three words or more,
/// which say by themselves that they are the same setting. `unit` tells which unit a file is of.
pub(super) fn add<'a>(
    cx: &ProjectContext<'a>,
    unit: impl Fn(&'a str) -> &'a str,
    found: &mut BTreeMap<(&'a str, String), Vec<Default<'a>>>,
) {
    for (path, reference) in cx.references() {
        let ReferenceKind::Script { pattern, text } = &reference.kind else { continue };
        // Other scripts may be what a bundler made.
        let is_typed = [".ts", ".mts", ".cts"].iter().any(|it| path.ends_with(it));
        if *pattern != FIELD
            || !is_typed
            || reference.in_test
            || purpose(path) != Purpose::Deployment
        {
            continue;
        }
        let Some((name, value)) = text.split_once(':') else { continue };
        let words: Vec<String> = words(name.trim()).collect();
        if !words.iter().any(|word| SETTING_WORDS.contains(&word.as_str())) {
            continue;
        }
        let key = (unit(path), words.join("_").to_ascii_uppercase());
        let has_variable = found.contains_key(&key);
        if has_variable || words.len() > 2 {
            let places = found.entry(key).or_default();
            if places.len() < MAX_PLACES {
                places.push(Default { path, range: reference.range, value: value.trim() });
            }
        }
    }
}
