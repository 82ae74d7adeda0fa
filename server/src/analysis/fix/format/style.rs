//! The settings of rustfmt that decide where lines break.

use crate::semantics::WorkspaceView;
use crate::syntax::Edition;

/// Widths are numbers of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    pub line: usize,
    pub tab: usize,
    pub chain: usize,
    pub call: usize,
    pub record: usize,
    pub array: usize,
    pub single_line_if: usize,
    /// Whether it is that of an edition before 2024.
    pub is_before_2024: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            line: 100,
            tab: 4,
            chain: 60,
            call: 60,
            record: 18,
            array: 60,
            single_line_if: 50,
            is_before_2024: true,
        }
    }
}

impl Style {
    /// The style of a file; nothing where it is one that is not known here.
    pub fn of(path: &str, view: &WorkspaceView<'_>) -> Option<Self> {
        let edition = view.file.edition;
        let mut folder = path;
        while !folder.is_empty() {
            folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
            let paths = ["rustfmt.toml", ".rustfmt.toml"].map(|name| match folder {
                "" => name.to_string(),
                _ => format!("{folder}/{name}"),
            });
            if let Some(path) = paths.iter().find(|path| view.text_of(path).is_some()) {
                return Self::of_settings(&*view.toml_of(path)?, edition);
            }
        }
        Self::of_settings(&toml::Table::new(), edition)
    }

    fn of_settings(table: &toml::Table, edition: Edition) -> Option<Self> {
        let number = |key: &str, default: usize| {
            let value = table.get(key).and_then(toml::Value::as_integer);
            value.and_then(|it| usize::try_from(it).ok()).unwrap_or(default)
        };
        let word = |key: &str| {
            table.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_lowercase()
        };
        let tabs = table.get("hard_tabs").and_then(toml::Value::as_bool).unwrap_or_default();
        if tabs || word("indent_style") == "visual" || word("binop_separator") == "back" {
            return None;
        }
        let line = number("max_width", 100);
        // In lines of more than a hundred characters the widths grow by tenths.
        let tenths = if line > 100 { (line + 5) / 10 } else { 10 };
        let heuristics = word("use_small_heuristics");
        let width = |key: &str, default: usize| {
            let default = match heuristics.as_str() {
                "max" => line,
                "off" => 0,
                _ => (default * tenths + 5) / 10,
            };
            number(key, default)
        };
        let is_before_2024 = match (word("style_edition").as_str(), word("version").as_str()) {
            ("", "two") => false,
            ("", "one") => true,
            ("", _) => edition < Edition::Edition2024,
            (style, _) => style < "2024",
        };
        Some(Self {
            is_before_2024,
            line,
            tab: number("tab_spaces", 4),
            chain: width("chain_width", 60),
            call: width("fn_call_width", 60),
            record: width("struct_lit_width", 18),
            array: width("array_width", 60),
            single_line_if: width("single_line_if_else_max_width", 50),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Style;
    use crate::syntax::Edition;

    #[test]
    fn widths_follow_the_settings() {
        let parsed = |text: &str| Style::of_settings(&text.parse().ok()?, Edition::Edition2021);
        assert_eq!(parsed(""), Some(Style::default()));
        assert_eq!(
            parsed("max_width = 79\ntab_spaces = 2").map(|it| (it.chain, it.tab)),
            Some((60, 2))
        );
        assert_eq!(
            parsed("max_width = 120").map(|it| (it.line, it.chain, it.record)),
            Some((120, 72, 22))
        );
        let max =
            parsed("max_width = 79\nuse_small_heuristics = \"max\"").map(|it| (it.chain, it.call));
        assert_eq!(max, Some((79, 79)));
        assert_eq!(
            parsed("chain_width = 40\nfn_call_width = 30").map(|it| (it.chain, it.call)),
            Some((40, 30))
        );
        assert_eq!(parsed("hard_tabs = true"), None);
    }
}
