use super::*;
use crate::config::Config;
use crate::project::Packages;
use crate::semantics::{Answers, FileContext};
use crate::syntax::{Edition, parse_root};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The reason why what the first `unwrap` of a function unwraps is always there.
fn why(body: &str) -> Option<&'static str> {
    let source = format!("fn f() {{ {body} }}");
    let root = parse_root(&source, Edition::CURRENT).expect("it parses");
    let calls = root.descendants().filter_map(ast::MethodCallExpr::cast);
    let is_unwrap =
        |it: &ast::MethodCallExpr| it.name_ref().is_some_and(|it| it.text() == "unwrap");
    let call = calls.filter(is_unwrap).last().expect("a call of unwrap");
    let file = FileContext::new("src/lib.rs", &Packages::default(), &Arc::new(Config::default()));
    let mut imports = FxHashMap::default();
    let around = Answers::default();
    let mut cx = NodeContext::new(&file, root, 0, &mut imports, &around);
    always_holds(&call.receiver().expect("a receiver"), &mut cx)
}

#[test]
fn what_stands_in_the_source_does_not_fail_later() {
    for body in [
        r#""10.0.0.0/8".parse::<IpNetwork>().unwrap();"#,
        r#"let text = "https://acme.dev"; let url: Url = text.parse().unwrap();"#,
        r#"Url::parse("https://acme.dev").unwrap();"#,
        r#"Selector::parse("a[href]").unwrap();"#,
        r#"Regex::new(r"\d+").unwrap();"#,
        r#"Regex::new(PATTERN).unwrap();"#,
        r#"RegexBuilder::new("a+").case_insensitive(true).build().unwrap();"#,
        r#"HeaderValue::from_str("no-store").map_err(drop).unwrap();"#,
        r#"NonZeroU32::new(60 * 60).unwrap();"#,
        r#"NonZero::<u64>::new(1).unwrap();"#,
        r#"NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();"#,
        r#"date.and_hms_opt(0, 0, 0).unwrap();"#,
        r#"CString::new("main").unwrap();"#,
        r#"Hmac::<Sha256>::new_from_slice(key).unwrap();"#,
        r#"<HmacSha1 as Mac>::new_from_slice(key).unwrap();"#,
        r#"register_gauge!("a", "b").unwrap();"#,
        r#"IntCounter::new("a", "b").unwrap();"#,
        r#"Response::builder().status(StatusCode::OK).header(CONTENT_TYPE, "a/b").body(body).unwrap();"#,
        r#"let mut out = String::new(); write!(out, "{x}").unwrap();"#,
        r#"let key = [0u8; 32]; hkdf.expand(b"a", &mut key).unwrap();"#,
        r#"SystemTime::now().duration_since(UNIX_EPOCH).unwrap();"#,
    ] {
        assert!(why(body).is_some(), "{body}");
    }
}

#[test]
fn what_comes_from_elsewhere_may_fail() {
    for body in [
        r#"text.parse::<IpNetwork>().unwrap();"#,
        r#"Regex::new(&PATTERN).unwrap();"#,
        r#"Regex::new(pattern).unwrap();"#,
        r#"NonZeroU32::new(0).unwrap();"#,
        r#"NonZeroU32::new(count).unwrap();"#,
        r#"Aes256Gcm::new_from_slice(key).unwrap();"#,
        r#"Response::builder().header("a", value).body(body).unwrap();"#,
        r#"write!(out, "{x}").unwrap();"#,
        r#"File::open("a").unwrap();"#,
        r#"Client::new("https://acme.dev").unwrap();"#,
        r#"bytes[..n].try_into().unwrap();"#,
        r#"bytes.get(..8).unwrap();"#,
        r#"text.split_whitespace().next().unwrap();"#,
        r#"text.split(',').nth(1).unwrap();"#,
        r#"let mut parts = text.split(','); parts.next(); parts.next().unwrap();"#,
    ] {
        assert_eq!(why(body), None, "{body}");
    }
}

#[test]
fn an_error_that_was_checked_is_there() {
    let root = parse_root("fn f() { if x.is_err() { x.unwrap_err(); } }", Edition::CURRENT);
    let root = root.expect("it parses");
    let mut calls = root.descendants().filter_map(ast::MethodCallExpr::cast);
    let call = calls.find(|it| it.name_ref().is_some_and(|it| it.text() == "unwrap_err"));
    let value = call.and_then(|it| it.receiver()).expect("a receiver");
    let around: Vec<SyntaxNode> = value.syntax().ancestors().collect();
    assert!(checked::has_failed(&value, &around));
    assert!(!checked::is_checked(&value, &around));
}

#[test]
fn an_extractor_that_takes_every_request_does_not_fail() {
    assert!(why("let uri = parts.extract::<Uri>().await.unwrap();").is_some());
    assert!(
        why("let jar: PrivateCookieJar = parts.extract_with_state(s).await.unwrap();").is_some()
    );
    assert!(why("let jar = CookieJar::from_request_parts(parts, s).await.unwrap();").is_some());
    assert_eq!(why("let body = parts.extract::<Json<Body>>().await.unwrap();"), None);
}

#[test]
fn slices_and_splits_have_what_is_taken_of_them() {
    for body in [
        "bytes[..24].try_into().unwrap();",
        "u64::from_le_bytes(bytes[0..8].try_into().unwrap());",
        "u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());",
        "u32::from_be_bytes(bytes[at + 4..at + 8].try_into().unwrap());",
        "<[u8; KEY_LEN]>::try_from(&bytes[..KEY_LEN]).unwrap();",
        "let head = &bytes[..4]; head.try_into().unwrap();",
        "for word in bytes.chunks_exact(4) { word.try_into().unwrap(); }",
        "bytes.chunks_exact(4).map(|word| word.try_into().unwrap());",
        "hasher.finalize().as_slice().try_into().unwrap();",
        "name.splitn(2, '.').next().unwrap();",
        "path.rsplit('/').next().unwrap();",
        "let mut parts = text.split(','); parts.next().unwrap();",
        "let parts: Vec<&str> = x; let all = text.split(',').collect::<Vec<_>>(); all.first().unwrap();",
    ] {
        assert!(why(body).is_some(), "{body}");
    }
}

#[test]
fn a_value_that_was_checked_is_there() {
    for body in [
        "if x.is_some() { x.unwrap(); }",
        "if a && x.is_ok() { x.unwrap(); }",
        "x.is_none() || x.unwrap() > 1;",
        "x.is_some() && x.unwrap() > 1;",
        "if x.is_none() { return; } x.unwrap();",
        "if self.x.is_none() { bail!(\"no\"); } self.x.as_ref().unwrap();",
        "if x.is_none() { } else { x.unwrap(); }",
        "if !x.is_some() { return; } x.unwrap();",
        "while x.is_some() { x.take().unwrap(); }",
        "match name { A if x.is_some() => x.unwrap(), _ => {} }",
        "match self.x { None => {} Some(_) => self.x.take().unwrap() }",
        "match x { None => return, _ => x.unwrap() }",
        "match (&a, &x) { (None, Some(_)) => x.unwrap(), _ => {} }",
        "if matches!(x, Some(_)) { x.unwrap(); }",
        "if let Some(_) = &self.x { self.x.as_ref().unwrap(); }",
        "if self.x.is_none() || rate != 1 { self.x = Some(f()); } self.x.as_mut().unwrap();",
        "x = Some(1); x.unwrap();",
        "match v.len() { 0 => {} 1 => v.iter().next().unwrap(), _ => {} }",
        "match v.len() { 0 => {} _ => v.pop().unwrap() }",
        "if v.len() == 1 { v.into_iter().next().unwrap(); }",
        "if v.len() > 2 { v.get(2).unwrap(); }",
        "if v.len() < 2 { return; } v.get(1).unwrap();",
        "if v.is_empty() { return; } v.iter().map(f).max().unwrap();",
        "while !v.is_empty() { v.pop_front().unwrap(); }",
        "v.push(1); v.last_mut().unwrap();",
        "assert!(!v.is_empty()); v.first().unwrap();",
        "if m.contains_key(&k) { m.get(&k).unwrap(); }",
        "m.insert(k.clone(), 1); m.get_mut(&k).unwrap();",
    ] {
        assert!(why(body).is_some(), "{body}");
    }
    for body in [
        "if x.is_none() { log(); } x.unwrap();",
        "if x.is_some() || a { x.unwrap(); }",
        "if y.is_some() { x.unwrap(); }",
        "if x.is_none() { return; } x = f(); x.unwrap();",
        "if f().is_some() { f().unwrap(); }",
        "if x.is_some() { x.take(); x.unwrap(); }",
        "match v.len() { 0 => v.pop().unwrap(), _ => {} }",
        "match x { None => x.unwrap(), _ => {} }",
        "if v.len() > 1 { v.get(2).unwrap(); }",
        "if v.len() < 2 { v.get(1).unwrap(); }",
        "v.push(1); v.clear(); v.last().unwrap();",
        "if m.contains_key(&k) { m.get(&other).unwrap(); }",
        "if x.is_none() { log(); x = Some(1); } else { x = None; } x.unwrap();",
        "if c { x = Some(1); } x.unwrap();",
    ] {
        assert_eq!(why(body), None, "{body}");
    }
}
