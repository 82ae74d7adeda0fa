//! The text that says what failed, written from the call.

use super::phrases::{Named, named, spoken};
use super::subject::{is_readable, quoted, subject};
use crate::project::base_name;
use crate::semantics::calls::argument_count;
use crate::semantics::literals::string_literal;
use crate::semantics::types::LocatedExpr;
use crate::syntax::AstNode;
use crate::syntax::ast::{self, HasArgList, HasName};
use crate::syntax::imports::compact;

/// What was being done when the receiver failed, in the form of anyhow's contexts: lower case, no
/// full stop, a verb and what it is done to. Of an option: what is not there.
pub fn context_text(located: &LocatedExpr, is_absent: bool) -> String {
    let call = innermost_call(&located.expr, is_absent);
    let words = Words { bound: binding(located), owner: located.self_type(), is_absent };
    match &call {
        ast::Expr::MethodCallExpr(call) => words.of_method(call),
        ast::Expr::CallExpr(call) => words.of_function(call),
        ast::Expr::MacroExpr(call) => words.of_macro(call),
        other => words.of_value(other),
    }
}

/// The call that can fail, below the ones that only pass its outcome on.
fn innermost_call(expr: &ast::Expr, is_absent: bool) -> ast::Expr {
    let inner = match expr {
        ast::Expr::AwaitExpr(it) => it.expr(),
        ast::Expr::ParenExpr(it) => it.expr(),
        ast::Expr::MethodCallExpr(it) => {
            let name = it.name_ref().map(|name| name.text().to_string()).unwrap_or_default();
            let passes_on = match name.as_str() {
                "as_ref" | "as_mut" | "as_deref" | "as_deref_mut" | "cloned" | "copied" | "ok"
                | "map" | "and_then" | "inspect" | "map_err" | "take" | "clone" => true,
                "borrow" | "borrow_mut" | "replace" => is_absent && argument_count(it) < 2,
                _ => false,
            };
            it.receiver().filter(|_| passes_on)
        }
        _ => None,
    };
    match inner {
        Some(inner) => innermost_call(&inner, is_absent),
        None => expr.clone(),
    }
}

/// The name that the value gets: of a `let`, a field or an assignment.
fn binding(located: &LocatedExpr) -> Option<String> {
    for node in located.around.iter().skip(1) {
        if let Some(statement) = ast::LetStmt::cast(node.clone()) {
            let ast::Pat::IdentPat(pattern) = statement.pat()? else { return None };
            return Some(pattern.name()?.text().to_string());
        }
        if let Some(field) = ast::RecordExprField::cast(node.clone()) {
            return Some(field.field_name()?.text().to_string());
        }
        let passes = ast::MethodCallExpr::can_cast(node.kind())
            || ast::RefExpr::can_cast(node.kind())
            || ast::ParenExpr::can_cast(node.kind());
        if !passes {
            return None;
        }
    }
    None
}

/// What an iterator that is made on the spot goes over, such as `text` in `text.chars()`.
fn walked(expr: &ast::Expr) -> Option<String> {
    let ast::Expr::MethodCallExpr(call) = expr else { return None };
    let makes = matches!(
        call.name_ref()?.text(),
        "bytes" | "char_indices" | "chars" | "into_iter" | "iter" | "iter_mut" | "keys" | "values"
    );
    let whole = call.receiver().filter(|_| makes && argument_count(call) == 0)?;
    subject(&whole)
}

/// What is known of a call beside its own text.
struct Words {
    bound: Option<String>,
    /// The type that `Self` is.
    owner: Option<String>,
    is_absent: bool,
}

impl Words {
    /// The name that the value gets, as words.
    fn bound(&self) -> Option<String> {
        let bound = self.bound.as_deref().filter(|it| says_something(it))?;
        Some(spoken(bound))
    }

    fn of_value(&self, expr: &ast::Expr) -> String {
        let subject = subject(expr).or_else(|| self.bound());
        let subject = subject.unwrap_or_else(|| "value".to_string());
        match self.is_absent {
            true => format!("{subject} is missing"),
            false => format!("get {subject}"),
        }
    }

    fn of_macro(&self, expr: &ast::MacroExpr) -> String {
        let name = expr.macro_call().and_then(|it| it.path());
        let name = name.map(|it| it.syntax().text().to_string()).unwrap_or_default();
        let name = name.rsplit("::").next().unwrap_or(&name).to_string();
        match self.is_absent {
            true => format!("no {}", self.bound().unwrap_or_else(|| spoken(&name))),
            false => self.done(named(&name), None, None),
        }
    }

    fn of_method(&self, call: &ast::MethodCallExpr) -> String {
        let name = call.name_ref().map(|name| name.text().to_string()).unwrap_or_default();
        let receiver = call.receiver();
        let of_receiver = receiver.as_ref().and_then(subject);
        let subject_or = |or: &str| of_receiver.clone().unwrap_or_else(|| or.to_string());
        let first = call.arg_list().and_then(|list| list.args().next());
        let argument = first.as_ref().and_then(|it| string_literal(it).or_else(|| subject(it)));
        match (name.as_str(), argument_count(call)) {
            ("parse", 0) => self.of_parse(receiver.as_ref(), subject_or("value")),
            ("first" | "last" | "pop" | "front" | "back" | "pop_front" | "pop_back", 0)
            | ("first_mut" | "last_mut" | "split_first" | "split_last" | "min" | "max", 0)
            | ("min_by" | "max_by" | "min_by_key" | "max_by_key", 1) => {
                format!("{} is empty", subject_or("list"))
            }
            ("next" | "next_back", 0) if let Some(whole) = receiver.as_ref().and_then(walked) => {
                format!("{whole} is empty")
            }
            ("next" | "next_back" | "peek" | "nth", _) => match (self.bound(), of_receiver) {
                (Some(bound), _) => format!("{bound} is missing"),
                (None, Some(subject)) => format!("no more {subject}"),
                (None, None) => "nothing is left".to_string(),
            },
            ("file_name" | "file_stem" | "parent" | "extension", 0) => {
                let part = spoken(&name);
                let of = of_receiver.filter(|it| *it != part);
                format!("{} has no {part}", of.unwrap_or_else(|| "path".to_string()))
            }
            ("get_one" | "get_many" | "remove_one" | "remove_many", 1) if argument.is_some() => {
                format!("argument {} is missing", argument.unwrap_or_default())
            }
            ("find" | "rfind", 1) if first.as_ref().is_some_and(|it| quoted(it).is_some()) => {
                let text = first.as_ref().and_then(quoted).unwrap_or_default();
                format!("{} has no {text}", subject_or("text"))
            }
            ("get" | "get_mut" | "remove" | "find" | "get_key_value" | "position", 1) => {
                absent_entry(&name, of_receiver, argument)
            }
            ("strip_prefix" | "strip_suffix" | "split_once" | "rsplit_once", 1) => {
                let text = first.as_ref().and_then(quoted).or(argument);
                match text {
                    Some(text) => format!("{} has no {text}", subject_or("text")),
                    None => format!("{} is not as expected", subject_or("text")),
                }
            }
            ("to_str" | "into_string", 0) => format!("{} is not valid UTF-8", subject_or("text")),
            ("upgrade", 0) => format!("{} is gone", subject_or("value")),
            ("duration_since" | "elapsed", _) => "the system time is out of order".to_string(),
            ("try_into", 0) => {
                let what = self.bound().unwrap_or_else(|| subject_or("value"));
                format!("convert {what}")
            }
            ("send" | "recv", _) => match of_receiver {
                Some(subject) => format!("{name} on {subject}"),
                None => format!("{name} message"),
            },
            ("join", 0) => format!("join {}", subject_or("thread")),
            ("try_cast" | "downcast" | "downcast_ref" | "downcast_mut", _) => {
                format!("{} is of another type", subject_or("value"))
            }
            ("lock" | "read" | "write" | "try_lock" | "try_read" | "try_write", 0) => {
                format!("{} {}", name.trim_start_matches("try_"), subject_or("value"))
            }
            _ if name.starts_with("checked_") => overflow(&name),
            _ => self.of_other_method(&name, call, of_receiver, argument),
        }
    }

    fn of_parse(&self, receiver: Option<&ast::Expr>, subject: String) -> String {
        let is_address = receiver.and_then(string_literal).is_some_and(|text| {
            text.parse::<std::net::SocketAddr>().is_ok() || text.parse::<std::net::IpAddr>().is_ok()
        });
        let what = self.bound().unwrap_or(subject);
        match is_address && !what.contains("addr") {
            true => format!("parse {what} address"),
            false => format!("parse {what}"),
        }
    }

    /// Of a method that is told by the words of its name alone.
    fn of_other_method(
        &self,
        name: &str,
        call: &ast::MethodCallExpr,
        of_receiver: Option<String>,
        argument: Option<String>,
    ) -> String {
        let first = call.arg_list().and_then(|list| list.args().next());
        let count = argument_count(call);
        let subject = || of_receiver.clone().unwrap_or_else(|| "value".to_string());
        match named(name) {
            Named::As(ty) => match self.is_absent {
                true => format!("{} is no {ty}", subject()),
                false => format!("convert {} to {ty}", subject()),
            },
            Named::From(what) => format!("create {} from {what}", self.made("")),
            said if self.is_absent => self.not_there(said, of_receiver, argument),
            Named::Thing(thing) if count == 1 && first.as_ref().is_some_and(is_setting) => {
                format!("set {thing}")
            }
            Named::Verb(verb) if verb == "connect" && argument.is_some() => {
                format!("connect to {}", argument.unwrap_or_default())
            }
            // What is read comes from the receiver, everything else is in the argument.
            Named::Verb(verb) if count > 0 && verb != "read" => {
                let argument = argument.filter(|it| is_readable(it));
                self.done(Named::Verb(verb), argument, of_receiver)
            }
            said => self.done(said, of_receiver, argument),
        }
    }

    fn of_function(&self, call: &ast::CallExpr) -> String {
        let path = call.expr().map(|it| compact(it.syntax())).unwrap_or_default();
        let path = path.split('<').next().unwrap_or(&path).trim_end_matches("::");
        let (owner, name) = path.rsplit_once("::").unwrap_or(("", path));
        let owner = owner.rsplit("::").next().unwrap_or(owner);
        let first = call.arg_list().and_then(|list| list.args().next());
        let argument = first.as_ref().and_then(|it| string_literal(it).or_else(|| subject(it)));
        let argument = argument.filter(|it| is_readable(it));
        let named_by = |verb: &str| {
            let what =
                argument.clone().or_else(|| self.bound()).unwrap_or_else(|| self.made(owner));
            format!("{verb} {what}")
        };
        match (owner, name) {
            ("env", "var" | "var_os") => {
                let variable = argument.or_else(|| self.bound()).unwrap_or_default();
                format!("read environment variable {variable}").trim_end().to_string()
            }
            ("serde_json", "from_str" | "from_slice" | "from_reader" | "from_value") => {
                named_by("parse JSON from")
            }
            ("serde_json", "to_string" | "to_vec" | "to_string_pretty" | "to_value") => {
                named_by("serialize")
            }
            ("toml", "from_str") => named_by("parse TOML from"),
            (_, "from_utf8") => {
                format!("{} is not valid UTF-8", argument.unwrap_or_else(|| "text".to_string()))
            }
            (_, "read_to_string") => named_by("read"),
            (_, "connect") => named_by("connect to"),
            (_, "from_str" | "parse_str" | "from_str_radix" | "parse") => {
                let short = first.as_ref().and_then(subject).is_none_or(|it| it.len() < 2);
                match self.bound().filter(|_| short || argument.is_none()) {
                    Some(bound) => format!("parse {bound}"),
                    None if short || argument.is_none() => format!("parse {}", self.made(owner)),
                    None => named_by("parse"),
                }
            }
            (_, "new" | "default") if self.is_absent => format!("no {}", self.made_first(owner)),
            (_, "new" | "default") => format!("create {}", self.made_first(owner)),
            (_, "try_from" | "from_u32") => {
                let number = matches!(owner.chars().next(), Some('u' | 'i')) && owner.len() < 6;
                let what = argument.or_else(|| self.bound()).unwrap_or_else(|| "value".to_string());
                match number {
                    true => format!("convert {what} to {owner}"),
                    false => format!("convert {what}"),
                }
            }
            _ => match named(name) {
                Named::From(what) if owner.is_empty() => format!("convert {what}"),
                Named::From(what) => format!("create {} from {what}", self.made(owner)),
                Named::As(what) => named_by(&format!("convert to {what}")),
                said if self.is_absent => {
                    let (argument, owner) = (argument, Some(spoken(owner)));
                    self.not_there(said, owner.filter(|it| it != "value"), argument)
                }
                said => {
                    let owner = Some(owner).filter(|it| it.starts_with(char::is_uppercase));
                    let or = self.bound().or(owner.map(|owner| self.made(owner)));
                    self.done(said, argument, or)
                }
            },
        }
    }

    /// What an associated function makes.
    fn made(&self, owner: &str) -> String {
        match owner {
            "" | "Self" => {
                let owner = self.owner.as_deref().map(|it| spoken(base_name(it)));
                owner.unwrap_or_else(|| "value".to_string())
            }
            owner => spoken(owner),
        }
    }

    fn made_first(&self, owner: &str) -> String {
        self.bound().unwrap_or_else(|| self.made(owner))
    }

    /// What was done to what.
    fn done(&self, said: Named, first: Option<String>, second: Option<String>) -> String {
        match said {
            Named::Verb(verb) => {
                let what = first.or(second).or_else(|| self.bound());
                // `serialize serialized`
                let what = what.filter(|it| *it != verb);
                what.map_or_else(|| verb.clone(), |what| format!("{verb} {what}"))
            }
            Named::Action(action) => action,
            Named::From(what) => format!("convert {what}"),
            Named::Thing(thing) | Named::As(thing) => format!("get {thing}"),
        }
    }

    /// What a call gave nothing of.
    fn not_there(&self, said: Named, first: Option<String>, second: Option<String>) -> String {
        let thing = match said {
            Named::Thing(thing) | Named::As(thing) | Named::From(thing) => Some(thing),
            Named::Action(action) => action.split_once(' ').map(|(_, thing)| thing.to_string()),
            Named::Verb(_) => None,
        };
        let thing = thing.or_else(|| self.bound()).or(second).or(first);
        format!("no {}", thing.unwrap_or_else(|| "value".to_string()))
    }
}

/// Of a look-up that found nothing.
fn absent_entry(method: &str, of_receiver: Option<String>, argument: Option<String>) -> String {
    let place = of_receiver.map(|it| format!(" in {it}")).unwrap_or_default();
    match argument {
        Some(argument) if method == "get" && is_number(&argument) => {
            format!("no item {argument}{place}")
        }
        Some(argument) => format!("no {argument}{place}"),
        None if matches!(method, "find" | "position") => format!("no match{place}"),
        None => format!("no such entry{place}"),
    }
}

/// Of a checked operation on numbers.
fn overflow(method: &str) -> String {
    let operation = match method.trim_start_matches("checked_") {
        "add" | "add_signed" | "add_unsigned" => "addition",
        "sub" | "sub_signed" | "sub_unsigned" => "subtraction",
        "mul" => "multiplication",
        "div" | "div_euclid" => "division",
        "rem" | "rem_euclid" => "remainder",
        "neg" => "negation",
        "pow" => "power",
        other => return format!("{} overflows", spoken(other)),
    };
    format!("{operation} overflows")
}

/// Whether a name tells more than that there is a value.
fn says_something(name: &str) -> bool {
    let name = name.trim_start_matches('_');
    name.len() > 1 && !matches!(name, "it" | "res" | "result" | "ret" | "tmp" | "val" | "value")
}

/// Whether an argument is a value that somebody chose.
fn is_setting(argument: &ast::Expr) -> bool {
    matches!(argument, ast::Expr::Literal(_))
}

fn is_number(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::context_text;
    use crate::semantics::types::LocatedExpr;
    use crate::syntax::ast::{self, HasArgList};
    use crate::syntax::{AstNode, Edition, SourceFile};

    /// The text for the receiver of the first `unwrap` in a statement.
    fn text(statement: &str, is_absent: bool) -> String {
        let source = format!("impl Settings {{ fn f(&self) {{ {statement} }} }}");
        let root = SourceFile::parse(&source, Edition::CURRENT).syntax_node();
        let calls = root.descendants().filter_map(ast::MethodCallExpr::cast);
        let call = calls
            .filter(|it| it.arg_list().is_some_and(|list| list.args().next().is_none()))
            .find(|it| it.name_ref().is_some_and(|name| name.text() == "unwrap"))
            .expect("an unwrap");
        let mut located = LocatedExpr::new(
            ast::Expr::from(call.clone()),
            call.syntax().ancestors().collect(),
            Default::default(),
        );
        located.expr = call.receiver().expect("a receiver");
        context_text(&located, is_absent)
    }

    #[test]
    fn a_failure_is_told_by_what_was_done() {
        for (statement, expected) in [
            ("let bind: SocketAddr = \"0.0.0.0:0\".parse().unwrap();", "parse bind address"),
            ("let port: u16 = text.parse().unwrap();", "parse port"),
            ("std::fs::read_to_string(&config_path).unwrap();", "read config path"),
            ("std::fs::read_to_string(\"settings.toml\").unwrap();", "read settings.toml"),
            ("File::open(path).unwrap();", "open path"),
            ("TcpListener::bind(addr).await.unwrap();", "bind address"),
            ("let home = env::var(\"HOME\").unwrap();", "read environment variable HOME"),
            ("env::current_dir().unwrap();", "get current directory"),
            ("std::env::current_exe().unwrap();", "get current exe"),
            ("ctrlc::set_handler(|| {}).unwrap();", "set handler"),
            ("io::stdout().flush().unwrap();", "flush stdout"),
            ("terminal.read_key().unwrap();", "read key"),
            ("builder.case_insensitive(true).unwrap();", "set case insensitive"),
            ("codec.serialized_size(&value).unwrap();", "get serialized size"),
            ("bincode::serialize(&hdr).unwrap();", "serialize header"),
            ("let url = Url::parse(&u).unwrap();", "parse URL"),
            ("Url::parse(\"data:text/html,\").unwrap();", "parse URL"),
            ("Header::from_bytes(&b\"Date\"[..], &x).unwrap();", "create header from bytes"),
            ("Self::from_path(path).unwrap();", "create settings from path"),
            ("u16::try_from(count).unwrap();", "convert count to u16"),
            ("let acceptor = TlsAcceptor::new(x).unwrap();", "create acceptor"),
            ("worker.join().unwrap();", "join worker"),
            ("sender.send(job).unwrap();", "send on sender"),
            ("serde_json::from_str::<Config>(&text).unwrap();", "parse JSON from text"),
            ("stream.try_clone().unwrap();", "clone stream"),
            ("writer.write_all(&bytes).unwrap();", "write bytes"),
            ("String::from_utf8(bytes).unwrap();", "bytes is not valid UTF-8"),
            ("range.unwrap();", "get range"),
        ] {
            assert_eq!(text(statement, false), expected, "{statement}");
        }
    }

    #[test]
    fn an_absence_is_told_by_what_is_missing() {
        for (statement, expected) in [
            ("self.service.token.as_ref().unwrap();", "token is missing"),
            ("self.pager.borrow_mut().as_mut().unwrap();", "pager is missing"),
            ("child.stdout.take().unwrap();", "stdout is missing"),
            ("self.pager.replace(None).unwrap();", "pager is missing"),
            ("let path = args.next().unwrap();", "path is missing"),
            ("args.next().unwrap();", "no more args"),
            ("dirs::home_dir().unwrap();", "no home directory"),
            ("type_to_sarif_message(msg).unwrap();", "no SARIF message"),
            ("row.value.container_type().unwrap();", "no container type"),
            ("find_config(&path).unwrap();", "no config"),
            ("status.signal().unwrap();", "no signal"),
            ("items.first().unwrap();", "items is empty"),
            ("path.file_name().unwrap();", "path has no file name"),
            ("path.parent().unwrap();", "path has no parent"),
            ("headers.get(\"host\").unwrap();", "no host in headers"),
            ("links.get(&source).unwrap();", "no source in links"),
            ("links.get(&(a, b)).unwrap();", "no such entry in links"),
            ("columns.get(2).unwrap();", "no item 2 in columns"),
            ("users.iter().find(|it| it.id == id).unwrap();", "no match in users"),
            ("host.find('[').unwrap();", "host has no '['"),
            ("line.split_once(\": \").unwrap();", "line has no ': '"),
            ("total.checked_add(1).unwrap();", "addition overflows"),
            ("value.as_i64().unwrap();", "value is no i64"),
            ("matches.get_one::<String>(\"listen\").unwrap();", "argument listen is missing"),
            ("parent.upgrade().unwrap();", "parent is gone"),
        ] {
            assert_eq!(text(statement, true), expected, "{statement}");
        }
    }
}
