//! The recipes of `make` and `just`, which continuous integration calls by name.

/// More variables than a file has that people write.
const MAX_VARIABLES: usize = 200;

/// A recipe: what it needs first, and what it runs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Recipe {
    pub(super) needs: Vec<String>,
    pub(super) script: String,
}

/// The recipe of a name in a Makefile or justfile; the first one for no name.
pub(super) fn recipe(text: &str, name: Option<&str>) -> Option<Recipe> {
    let mut found: Option<Recipe> = None;
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with([' ', '\t']) {
            if let (true, Some(recipe)) = (inside, &mut found) {
                let command = line.trim_start().trim_start_matches(['@', '-', '+']);
                recipe.script += &readable(command);
                recipe.script.push('\n');
            }
            continue;
        }
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        inside = false;
        let Some((names, needs)) = header(line) else { continue };
        let is_wanted = match name {
            Some(name) => names.contains(&name),
            None => found.is_none() && !names.iter().any(|it| it.starts_with('.')),
        };
        if is_wanted {
            inside = true;
            let recipe = found.get_or_insert_default();
            let (needs, command) = needs.split_once(';').unwrap_or((needs, ""));
            let needs = needs.split_whitespace().map(|it| it.trim_matches(['(', ')']).to_string());
            recipe.needs.extend(needs);
            recipe.script += &readable(command);
            recipe.script.push('\n');
        }
    }
    found
}

/// The variables that a Makefile or justfile gives a value: `NAME := value`.
pub(super) fn variables(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().filter(|line| !line.starts_with([' ', '\t', '#']));
    let assigned = lines.filter_map(|line| {
        let (name, value) = line.split_once('=')?;
        let name = name.trim_end_matches([':', '?', '+', ' ', '\t']);
        let name = name.strip_prefix("export ").unwrap_or(name).trim();
        let is_name =
            name.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-'));
        let value = value.trim().trim_matches(['"', '\'']);
        (is_name && !name.is_empty() && !value.is_empty())
            .then(|| (name.to_string(), readable(value)))
    });
    assigned.take(MAX_VARIABLES).collect()
}

/// The names of a recipe and what stands after the colon.
fn header(line: &str) -> Option<(Vec<&str>, &str)> {
    let (left, right) = line.split_once(':')?;
    if right.starts_with('=') || left.contains('=') && !left.contains(' ') {
        return None;
    }
    let names = left.split_whitespace().map(|it| it.trim_start_matches('@')).collect();
    Some((names, right.trim_start_matches(':')))
}

/// `$(CARGO)` of make and `{{cargo}}` of just as a variable of the shell.
fn readable(command: &str) -> String {
    let mut text = String::new();
    let mut rest = command;
    while let Some(at) = rest.find("$(").into_iter().chain(rest.find("{{")).min() {
        let (before, variable) = rest.split_at(at);
        let close = if variable.starts_with("{{") { "}}" } else { ")" };
        let inner = variable.get(2..).unwrap_or_default();
        let Some(end) = inner.find(close) else { break };
        let name = inner.get(..end).unwrap_or_default().trim();
        text += before;
        text += &format!("${{{name}}}");
        rest = inner.get(end + close.len()..).unwrap_or_default();
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_are_found_by_their_names() {
        let make = "CARGO := cargo\n.PHONY: all lint\nall: build lint\n\nlint test: deps ; true\n\t@$(CARGO) clippy\n\n\t$(MAKE) x\nother:\n\tfalse\n";
        let lint = recipe(make, Some("lint")).expect("lint");
        assert_eq!(lint.needs, ["deps"]);
        assert_eq!(lint.script, " true\n${CARGO} clippy\n${MAKE} x\n");
        assert_eq!(recipe(make, None).expect("all").needs, ["build", "lint"]);
        assert_eq!(recipe(make, Some("none")), None);
        let known =
            |text| variables(text).iter().map(|(a, b)| format!("{a}={b}")).collect::<Vec<_>>();
        assert_eq!(known(make), ["CARGO=cargo"]);
        assert_eq!(known("export A ?= $(B) x\nc := 'd e'\na: b\n\tX=1\n"), ["A=${B} x", "c=d e"]);
        let just = "set shell := [\"bash\"]\n# All of it.\nci: fmt (test \"x\")\ntest arg='a':\n    @{{ cargo }} test {{arg}}\n";
        assert_eq!(recipe(just, Some("ci")).expect("ci").needs, ["fmt", "test", "\"x\""]);
        assert_eq!(recipe(just, Some("test")).expect("test").script, "\n${cargo} test ${arg}\n");
    }
}
