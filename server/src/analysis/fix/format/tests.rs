//! The printer gives what rustfmt does.

use super::style::Style;
use super::units::{Form, laid_out};

#[test]
fn what_a_known_macro_formats_stands_on_one_line() {
    let style = Style::default();
    let laid_out = |text: &str| laid_out(Form::Statement, text, (4, 4), &style);
    let arguments =
        "\"a text that is long enough to leave its line when it is given values {} {}\"";
    let line = format!("(\n        {arguments},\n        self.first, second\n    );");
    assert_eq!(
        laid_out(&format!("eprintln!({arguments}, self.first, second);")),
        Some(format!("eprintln!{line}"))
    );
    let lines = line.replace("first, ", "first,\n        ");
    let unknown = format!("tracing::error!({arguments}, self.first, second);");
    assert_eq!(laid_out(&unknown), Some(format!("tracing::error!{lines}")));
}

#[test]
fn a_chain_alone_in_a_vec_starts_on_its_line_before_2024() {
    let line = "let all_names: Vec<String> = vec![self.items.first().context(\"there is no item at all\")?.into()];";
    let text = laid_out(Form::Statement, line, (8, 8), &Style::default());
    let broken = "let all_names: Vec<String> = vec![self\n            .items\n            .first()\n            .context(\"there is no item at all\")?\n            .into()];";
    assert_eq!(text.as_deref(), Some(broken));
}

#[test]
fn the_brace_of_a_function_moves_below_a_long_return_type() {
    let laid_out = |text: &str| laid_out(Form::Signature, text, (0, 0), &Style::default());
    let name = "f".repeat(60);
    let fits = format!("fn {name}() -> Result<impl Iterator, String> {{");
    assert_eq!(laid_out(&fits).as_deref(), Some(fits.as_str()));
    let long = format!("fn {name}() -> Result<impl Iterator<It>, Str>");
    assert_eq!(laid_out(&format!("{long} {{")), Some(format!("{long}\n{{")));
    assert_eq!(laid_out(&format!("fn {name}() -> Result<impl Iterator<Item>, String> {{")), None);
}
