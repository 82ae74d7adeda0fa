//! Texts that are secrets by their format, whatever they are bound to.

use super::special::follows_default;
use crate::analysis::{Context, Report, Severity};
use crate::semantics::development::is_for_development;
use crate::semantics::secrets::known_format;
use crate::syntax::{SyntaxKind, SyntaxToken};

/// A cheap test of a literal as it is written.
pub(super) fn may_be_known(literal: &str) -> bool {
    literal.len() >= 15
        && (has_mark(literal) || has_long_word(literal))
        && known_format(literal).is_some()
}

/// Whether a literal has a part that addresses, keys, forms or headers have.
fn has_mark(literal: &str) -> bool {
    let text = literal.trim_start_matches(['b', 'r', '#', '"']);
    let scheme = text.split(' ').next().unwrap_or_default();
    literal.contains("://")
        || literal.contains("-----")
        || literal.contains('=') && literal.contains(['&', ';', ' '])
        || ["bearer", "basic", "token"].iter().any(|it| scheme.eq_ignore_ascii_case(it))
}

/// Whether a text has a run of letters and digits that is longer than words are.
fn has_long_word(text: &str) -> bool {
    let (mut len, mut digit) = (0, false);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') {
            len += 1;
            digit |= byte.is_ascii_digit();
            if len >= 18 && digit {
                return true;
            }
        } else {
            (len, digit) = (0, false);
        }
    }
    false
}

pub(super) fn check(token: &SyntaxToken, cx: &mut Context<'_>) {
    let Some(what) = known_format(token.text()) else { return };
    let Some(parent) = token.parent() else { return };
    // An attribute documents or renames; a default in one is a value.
    let in_attribute = parent.ancestors().any(|node| node.kind() == SyntaxKind::ATTR);
    if in_attribute && !follows_default(token) {
        return;
    }
    let mut report = Report::new(token.text_range(), format!("{what} is hardcoded"));
    let own_hosts = ["@localhost", "@127.0.0.1", "@[::1]"];
    if own_hosts.iter().any(|host| token.text().contains(host)) {
        report = report.lowered(Severity::Medium, "of a service on this machine");
    } else if is_for_development(cx, &parent) {
        report = report.lowered(Severity::Low, "for development only");
    }
    cx.report(&parent, report);
}
