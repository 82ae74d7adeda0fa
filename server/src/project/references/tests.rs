use super::*;
use crate::project::sql::SqlText;
use crate::syntax::{Edition, SyntaxKind, parse_root};

/// Everything that can be asked for.
fn spec() -> IndexSpec {
    IndexSpec::new([
        Indexed::Variables,
        Indexed::Queries,
        Indexed::IncludedFiles,
        Indexed::FileNames { extensions: &["key"], schemes: &["sqlite:"] },
        Indexed::Calls(&["install_default", "default_provider"]),
        Indexed::AssociatedCalls(&[("ServerConfig", "builder")]),
        Indexed::Handlers(&[("event", "scheduled")]),
    ])
}

fn of(source: &str) -> Vec<String> {
    // Defaults are tested where they are looked for.
    let mut found = with_defaults(source);
    found.retain(|it| !it.starts_with("EnvDefault"));
    found
}

fn with_defaults(source: &str) -> Vec<String> {
    let root = parse_root(source, Edition::CURRENT).expect("it parses");
    let references = references_of_item(&root, &spec()).into_iter();
    references.map(|it| format!("{:?}", it.kind)).collect()
}

fn env(name: &str, required: bool) -> String {
    let name = name.to_string();
    let env = ReferenceKind::Env { name, required, prefix: false, via: None, tried: false };
    format!("{env:?}")
}

fn given(name: &str, required: bool, function: &str) -> String {
    let via = Some(function.to_string());
    let name = name.to_string();
    let env = ReferenceKind::Env { name, required, prefix: false, via, tried: false };
    format!("{env:?}")
}

#[test]
fn variables_are_read_in_many_ways() {
    let source = r#"
        fn f() -> Result<()> {
            let a = std::env::var("ALPHA").unwrap_or_else(|_| "x".into());
            let b = env::var("BETA")?;
            let c = env::var("GAMMA").context("no gamma")?;
            let d = std::env::var("DELTA").map(|it| it.parse()).ok();
            println!("{}", std::env::var("EPSILON").unwrap());
            if std::env::var_os("ZETA").is_some() { g()?; }
            let e = option_env!("ETA");
            require_env("THE_TA");
        }
    "#;
    assert_eq!(
        of(source),
        [
            env("ALPHA", false),
            env("BETA", true),
            env("GAMMA", true),
            env("DELTA", false),
            env("EPSILON", true),
            env("ZETA", false),
            env("ETA", false),
            given("THE_TA", false, "require_env"),
            format!("{:?}", ReferenceKind::env_prefix_via("THE_TA_", "require_env")),
        ]
    );
    let clap =
        "struct A { #[arg(long, env = \"PORT_A\")] a: u16, #[arg(long, env)] bind_to: String }";
    assert_eq!(of(clap), [env("PORT_A", false), env("BIND_TO", false)]);
    let prefix = format!("{:?}", ReferenceKind::env_prefix("APP_"));
    assert_eq!(of("fn f() { Environment::with_prefix(\"app\"); }"), [prefix]);
    let all = format!("{:?}", ReferenceKind::env_prefix(""));
    assert_eq!(of("fn f() { env::var(format!(\"{a}_B\")); }").first(), Some(&all));
    assert_eq!(of("fn f() { for (k, v) in std::env::vars() {} }"), [all]);
    assert_eq!(of("const NAME: &str = \"PORT\";"), [env("PORT", false)]);
}

#[test]
fn a_flag_that_says_the_opposite_is_no_default() {
    for (source, is_default) in [
        ("fn f() { env::var(\"A_B\").map(|it| it == \"0\").unwrap_or(false) }", false),
        ("fn f() { env::var(\"A_B\").map_or(true, |it| it != \"1\") }", false),
        ("fn f() { env::var(\"A_B\").map(|it| !it.is_empty()).unwrap_or(false) }", false),
        ("fn f() { env::var(\"A_B\").map_or(false, |it| it == \"off\") }", false),
        ("fn f() { env::var(\"A_B\").map(|it| it == \"1\").unwrap_or(false) }", true),
        ("fn f() { env::var(\"A_B\").map_or(false, |it| matches!(it, \"yes\" | \"on\")) }", true),
        ("fn f() { env::var(\"A_B\").map_or(false, |it| it.parse().unwrap()) }", true),
    ] {
        let found = with_defaults(source);
        let has_default = found.iter().any(|it| it.contains("EnvDefault"));
        assert_eq!(has_default, is_default, "{source}: {found:#?}");
    }
}

#[test]
fn defaults_of_other_systems_are_left_out() {
    let source = r#"struct A {
        #[cfg(target_os = "linux")]
        #[arg(env = "A_B", default_value = "one")]
        a: u8,
        #[arg(env = "C_D", default_value = "two")]
        c: u8,
    }"#;
    let mut found = with_defaults(source);
    found.retain(|it| it.starts_with("EnvDefault"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("C_D"));
}

#[test]
fn crates_are_given_what_names_begin_with() {
    for (source, prefix) in [
        ("fn f() { Layers::new().add_env(\"acme\").build(); }", "ACME_"),
        ("fn f() { EnvSource::new(\"ACME_\") }", "ACME_"),
        ("fn f() { with_env_prefix(\"ACME\", \"__\") }", "ACME_"),
        ("#[config(env_prefix = \"ACME\")] struct A;", "ACME_"),
        ("#[envconfig(prefix = \"ACME_\")] struct A;", "ACME_"),
        ("const ENV_PREFIX: &'static str = \"acme\";", "ACME_"),
        ("fn f() { Options { env_prefix: \"acme\" } }", "ACME_"),
        ("fn f() { g(format!(\"ACME_{name}\")) }", "ACME_"),
        ("fn f() { Layers::new().add_env(PREFIX) }", ""),
    ] {
        let found = of(source);
        let start = format!("Env {{ name: \"{prefix}\"");
        let is_prefix = |it: &String| it.starts_with(&start) && it.contains("prefix: true");
        assert!(found.iter().any(is_prefix), "{source}: {found:#?}");
    }
    for source in [
        "fn f() { command.env(\"ACME\", value); }",
        "fn f() { Arg::new(\"a\").env(\"ACME\"); }",
        "fn f() { std::env::set_var(\"ACME\", value); std::env::var(\"ACME\"); }",
        "fn f() { send(Envelope::new(\"ACME\")); }",
    ] {
        let found = of(source);
        assert!(found.iter().all(|it| it.contains("prefix: false")), "{source}: {found:#?}");
    }
}

#[test]
fn a_function_that_reads_what_it_is_given_says_so() {
    let source = r#"
        fn optional(name: &str) -> Option<String> { env::var(name).ok().filter(|it| g(it)) }
        fn or(name: &str, value: &str) -> String { env::var(name).unwrap_or(value.into()) }
        fn get(name: &str) -> Result<String> { env::var(name).context("not set") }
        fn must(name: &'static str) -> String { env::var(name).expect("set") }
        fn f() -> Result<()> {
            let a = optional("ALPHA").context("ALPHA is not set")?;
            let b = optional("BETA").map_or(Ok(1), |it| it.parse())?;
            let c = must("GAMMA");
            let d = get("DELTA")?;
            let e = get("EPSILON")?.unwrap_or(1);
        }
    "#;
    let reader = |function: &str, when_unset| {
        format!("{:?}", ReferenceKind::EnvReader { function: function.into(), when_unset })
    };
    assert_eq!(
        of(source),
        [
            reader("optional", WhenUnset::Passed),
            reader("or", WhenUnset::Defaulted),
            reader("get", WhenUnset::Fails),
            reader("must", WhenUnset::Panics),
            given("ALPHA", true, "optional"),
            given("BETA", false, "optional"),
            given("GAMMA", false, "must"),
            given("DELTA", false, "get").replace("tried: false", "tried: true"),
            given("EPSILON", false, "get"),
        ]
    );
}

#[test]
fn sql_files_and_calls_are_seen_also_in_macros() {
    let source = r##"
        fn f() {
            sqlx::query!(r#"select id from users where email = $1"#, x);
            let sentence = "update the index";
            let page = include_str!("../page.html");
            open("certs/server.key");
            rustls::crypto::ring::default_provider().install_default();
        }
    "##;
    assert_eq!(
        of(source),
        [
            "Sql { sql: \"select id from users where email = $1\", callee: \"query\", rows: Unknown }",
            "Include(\"../page.html\")",
            "Path { path: \"certs/server.key\", callee: \"open\" }",
            "Call(\"default_provider\")",
            "Call(\"install_default\")",
        ]
    );
}

#[test]
fn what_is_compiled_in_is_seen() {
    let source = r#"
        #[cfg_attr(docsrs, doc = include_str!("../README.md"))]
        fn f() {
            sqlx::migrate!("./migrations").run(&pool);
            include_dir!("$CARGO_MANIFEST_DIR/static");
            migrate("elsewhere");
            g(include_bytes!("logo.png"));
        }
    "#;
    assert_eq!(
        of(source),
        ["Embed(\"./migrations\")", "Embed(\"static\")", "Include(\"logo.png\")"]
    );
}

#[test]
fn sql_is_known_with_what_reads_its_rows() {
    for (source, text, callee, rows) in [
        (
            "fn f() { sqlx::query_as::<_, User>(\"SELECT \\
                a FROM b\").bind(1).fetch_one(db).await? }",
            "SELECT a FROM b",
            "query_as",
            Rows::One,
        ),
        (
            "fn f() { let mut s = c.prepare(\"select \\\"a\\\" from b\")?; s.query_map([], g)?; s.first(); }",
            "select \"a\" from b",
            "prepare",
            Rows::All,
        ),
        (
            "fn f() { c.query_row(\"select a from b\", [], g) }",
            "select a from b",
            "query_row",
            Rows::One,
        ),
        ("const Q: &str = \"select a from b\";", "select a from b", "", Rows::Unknown),
    ] {
        let sql = SqlText::new(text, None);
        let expected = ReferenceKind::Sql { sql, callee: callee.into(), rows };
        assert_eq!(of(source), [format!("{expected:?}")]);
    }
}

#[test]
fn what_tests_mention_is_marked() {
    let source = "#[cfg(test)] mod tests { fn f() { std::env::var(\"ALPHA\"); } }";
    let root = parse_root(source, Edition::CURRENT).expect("it parses");
    let function = root.descendants().find(|it| it.kind() == SyntaxKind::FN).expect("one");
    assert!(references_of_item(&function, &spec()).iter().all(|it| it.in_test));
}

#[test]
fn calls_of_types_and_handlers_are_found_where_they_are_declared() {
    let source = "#[event(scheduled)] fn f() { ServerConfig::builder(); Client::builder(); }";
    assert_eq!(of(source), ["Call(\"scheduled\")", "Call(\"builder\")"]);
    let root = parse_root(source, Edition::CURRENT).expect("it parses");
    assert_eq!(references_of_item(&root, &IndexSpec::new([Indexed::Variables])), []);
}

fn defaults(source: &str) -> Vec<(String, String)> {
    let root = parse_root(source, Edition::CURRENT).expect("it parses");
    let references = references_of_item(&root, &spec()).into_iter();
    references
        .filter_map(|it| match it.kind {
            ReferenceKind::EnvDefault { name, value, .. } => Some((name, value)),
            _ => None,
        })
        .collect()
}

#[test]
fn defaults_are_given_in_many_ways() {
    for (source, value) in [
        ("env::var(\"A_B\").unwrap_or(\"x\".into())", "x"),
        ("env::var(\"A_B\").unwrap_or_else(|_| \"x\".to_string())", "x"),
        ("env::var(\"A_B\").unwrap_or_else(|_| String::from(\"x\"))", "x"),
        ("env::var(\"A_B\").ok().and_then(|it| it.parse::<u16>().ok()).unwrap_or(8_080)", "8080"),
        ("env::var(\"A_B\").map_or(Ok(60u64), |it| it.parse())", "60"),
        ("env::var(\"A_B\").as_deref().unwrap_or(\"x\").parse()", "x"),
        ("env_or(\"A_B\", \"x\")", "x"),
        ("get(\"A_B\").unwrap_or_else(|| \"x\".into())", "x"),
    ] {
        let found = defaults(&format!("fn f() {{ let a = {source}; }}"));
        assert_eq!(found, [("A_B".to_string(), value.to_string())], "{source}");
    }
    let clap = "struct A { #[arg(long, env = \"A_B\", default_value = \"x\")] a: String,
        #[arg(default_value_t = 3, env = \"C_D\")] b: u8 }";
    let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
    assert_eq!(defaults(clap), [pair("A_B", "x"), pair("C_D", "3")]);
}

#[test]
fn other_literals_are_no_defaults() {
    for source in [
        "env::var(\"A_B\").unwrap_or(60 * 1000)",
        "env::var(\"A_B\").unwrap_or_else(|_| format!(\"{x}/a\"))",
        "env::var(\"A_B\").unwrap_or_else(|_| from_secs(60))",
        "env::var(\"A_B\").unwrap_or_default()",
        "env::var(\"A_B\").is_ok() && x.unwrap_or(3)",
        "f(env::var(\"A_B\"), x.unwrap_or(3))",
        "env::var(\"A_B\").unwrap_or_else(|_| if x { \"a\" } else { \"b\" })",
        "env::var(\"A_B\").map(|it| it == \"1\").unwrap_or_else(|_| other)",
        "env::var(\"A_B\").unwrap_or(String::new())",
        "env::var(\"A_B\").unwrap_or(\"\".into())",
    ] {
        assert_eq!(defaults(&format!("fn f() {{ let a = {source}; }}")), [], "{source}");
    }
    assert_eq!(defaults("fn f() { env::var(\"A_B\")?; x.unwrap_or(3); }"), []);
}
