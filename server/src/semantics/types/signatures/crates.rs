//! Functions and methods of crates that services and programs are made of.

use crate::project::base_name;
use crate::semantics::type_text::arguments;

/// What a function gives, by the path of its module or type and its name.
pub fn function(module: &str, name: &str) -> Option<&'static str> {
    // As others export it.
    let module = module.strip_prefix("tokio_native_tls::").unwrap_or(module);
    data(module, name).or_else(|| runtime(module, name)).or_else(|| tools(module, name))
}

/// Formats, numbers and texts.
fn data(module: &str, name: &str) -> Option<&'static str> {
    let ty = match (module, name) {
        ("serde_json", "from_str" | "from_slice" | "from_reader" | "from_value") => {
            "Result<_,serde_json::Error>"
        }
        ("serde_json", "to_string" | "to_string_pretty") => "Result<String,serde_json::Error>",
        ("serde_json", "to_vec" | "to_vec_pretty") => "Result<Vec<u8>,serde_json::Error>",
        ("serde_json", "to_value") => "Result<serde_json::Value,serde_json::Error>",
        ("serde_json", "to_writer" | "to_writer_pretty") => "Result<(),serde_json::Error>",
        ("toml", "from_str") => "Result<_,toml::de::Error>",
        ("toml", "to_string" | "to_string_pretty") => "Result<String,toml::ser::Error>",
        ("serde_yaml", "from_str" | "from_reader" | "from_slice" | "from_value") => {
            "Result<_,serde_yaml::Error>"
        }
        ("serde_yaml", "to_string") => "Result<String,serde_yaml::Error>",
        // Of bincode 1; what later versions have goes by other names.
        ("bincode", "serialize") => "Result<Vec<u8>,bincode::Error>",
        ("bincode", "serialized_size") => "Result<u64,bincode::Error>",
        ("bincode", "serialize_into") => "Result<(),bincode::Error>",
        ("bincode", "deserialize" | "deserialize_from") => "Result<_,bincode::Error>",
        ("regex::Regex" | "regex::RegexSet" | "regex::bytes::Regex", "new") => {
            "Result<Regex,regex::Error>"
        }
        ("url::Url" | "reqwest::Url", "parse") => "Result<Url,url::ParseError>",
        ("url::Url" | "reqwest::Url", "from_file_path" | "from_directory_path") => "Result<Url,()>",
        ("uuid::Uuid", "parse_str") => "Result<Uuid,uuid::Error>",
        ("hex", "decode") => "Result<Vec<u8>,hex::FromHexError>",
        ("semver::Version" | "semver::VersionReq", "parse") => "Result<_,semver::Error>",
        ("http::Uri" | "hyper::Uri", "from_parts") => "Result<Uri,http::uri::InvalidUriParts>",
        ("http::HeaderValue" | "reqwest::header::HeaderValue", "from_str" | "from_bytes")
        | ("axum::http::HeaderValue" | "hyper::header::HeaderValue", "from_str" | "from_bytes")
        | ("http::header::HeaderValue", "from_str" | "from_bytes") => {
            "Result<HeaderValue,http::header::InvalidHeaderValue>"
        }
        ("chrono::NaiveDate", "from_ymd_opt" | "from_yo_opt" | "from_num_days_from_ce_opt") => {
            "Option<NaiveDate>"
        }
        ("chrono::NaiveTime", "from_hms_opt") => "Option<NaiveTime>",
        ("chrono::TimeDelta" | "chrono::Duration", "from_std") => {
            "Result<TimeDelta,chrono::OutOfRangeError>"
        }
        (
            "chrono::TimeDelta" | "chrono::Duration",
            "try_days" | "try_hours" | "try_minutes" | "try_seconds" | "try_milliseconds"
            | "try_weeks",
        ) => "Option<TimeDelta>",
        ("chrono::DateTime", "parse_from_rfc3339" | "parse_from_rfc2822" | "parse_from_str") => {
            "Result<DateTime<FixedOffset>,chrono::ParseError>"
        }
        ("chrono::NaiveDate" | "chrono::NaiveTime" | "chrono::NaiveDateTime", "parse_from_str") => {
            "Result<_,chrono::ParseError>"
        }
        ("chrono::Utc" | "chrono::Local", "now") => "DateTime<_>",
        _ => return None,
    };
    Some(ty)
}

/// Tasks, sockets and requests.
fn runtime(module: &str, name: &str) -> Option<&'static str> {
    let ty = match (module, name) {
        ("tokio::runtime::Runtime", "new") => "Result<Runtime,std::io::Error>",
        ("tokio::runtime::Builder", "new_multi_thread" | "new_current_thread") => {
            "tokio::runtime::Builder"
        }
        ("tokio::fs", "read") => "Future<Result<Vec<u8>,std::io::Error>>",
        ("tokio::fs", "read_to_string") => "Future<Result<String,std::io::Error>>",
        ("tokio::fs", "canonicalize" | "read_link") => "Future<Result<PathBuf,std::io::Error>>",
        ("tokio::fs::OpenOptions", _) => return None,
        ("tokio::fs" | "tokio::fs::File", _) => "Future<Result<_,std::io::Error>>",
        ("tokio::net::TcpListener" | "tokio::net::UdpSocket", "bind") => {
            "Future<Result<_,std::io::Error>>"
        }
        ("tokio::net::UnixListener", "bind") => "Result<_,std::io::Error>",
        ("tokio::net::TcpStream" | "tokio::net::UnixStream", "connect") => {
            "Future<Result<_,std::io::Error>>"
        }
        ("tokio::signal", "ctrl_c") => "Future<Result<(),std::io::Error>>",
        ("tokio::signal::unix", "signal") => "Result<_,std::io::Error>",
        ("tokio::net", "lookup_host") => "Future<Result<Iterator<SocketAddr>,std::io::Error>>",
        ("tokio::task", "spawn_blocking") | ("tokio" | "tokio::task", "spawn") => {
            "Future<Result<_,tokio::task::JoinError>>"
        }
        ("tokio::time", "timeout" | "timeout_at") => {
            "Future<Result<_,tokio::time::error::Elapsed>>"
        }
        ("reqwest", "get") => "Future<Result<Response,reqwest::Error>>",
        ("reqwest::Client" | "reqwest::blocking::Client", "builder") => "reqwest::ClientBuilder",
        ("reqwest::ClientBuilder" | "reqwest::blocking::ClientBuilder", "new") => {
            "reqwest::ClientBuilder"
        }
        ("native_tls::TlsAcceptor" | "native_tls::TlsConnector", "new") => {
            "Result<_,native_tls::Error>"
        }
        ("native_tls::TlsAcceptor" | "native_tls::TlsConnector", "builder") => {
            "native_tls::Builder"
        }
        ("native_tls::Identity", "from_pkcs12" | "from_pkcs8") => "Result<_,native_tls::Error>",
        ("native_tls::Certificate", "from_pem" | "from_der") => "Result<_,native_tls::Error>",
        _ => return None,
    };
    Some(ty)
}

/// Terminals, folders, signals and archives.
fn tools(module: &str, name: &str) -> Option<&'static str> {
    let ty = match (module, name) {
        ("crossterm::terminal", "enable_raw_mode" | "disable_raw_mode") => {
            "Result<(),std::io::Error>"
        }
        ("crossterm::terminal", "size") => "Result<(u16,u16),std::io::Error>",
        ("crossterm::event", "read" | "poll") => "Result<_,std::io::Error>",
        ("termion", "terminal_size") => "Result<(u16,u16),std::io::Error>",
        ("signal_hook::iterator::Signals", "new") => "Result<Signals,std::io::Error>",
        ("ctrlc", "set_handler") => "Result<(),ctrlc::Error>",
        ("zstd::block", "compress" | "decompress") | ("zstd", "encode_all" | "decode_all") => {
            "Result<Vec<u8>,std::io::Error>"
        }
        ("tempfile", "tempdir" | "tempfile") => "Result<_,std::io::Error>",
        ("tempfile::NamedTempFile" | "tempfile::TempDir", "new" | "new_in") => {
            "Result<_,std::io::Error>"
        }
        ("dirs", name) if name.ends_with("_dir") => "Option<PathBuf>",
        ("glob", "glob") => "Result<Iterator<_>,glob::PatternError>",
        ("glob::Pattern", "new") => "Result<_,glob::PatternError>",
        ("walkdir::WalkDir", "new") => "Iterator<Result<DirEntry,walkdir::Error>>",
        _ => return None,
    };
    Some(ty)
}

/// What a method gives on a type that a crate which the package depends on declares.
pub fn method(
    ty: &str,
    name: &str,
    count: usize,
    depends_on: impl Fn(&str) -> bool,
) -> Option<String> {
    let any = |crates: &[&str]| crates.iter().any(|it| depends_on(it));
    let found = match base_name(ty) {
        "Url" if any(&["url", "reqwest"]) => url(name, count),
        "Regex" if any(&["regex"]) => match (name, count) {
            ("captures", 1) => Some("Option<Captures>"),
            ("find", 1) => Some("Option<Match>"),
            ("find_iter", 1) => Some("Iterator<Match>"),
            ("captures_iter", 1) => Some("Iterator<Captures>"),
            _ => None,
        },
        "Captures" if any(&["regex"]) => match (name, count) {
            ("get" | "name", 1) => Some("Option<Match>"),
            _ => None,
        },
        "ArgMatches" if any(&["clap", "clap_builder"]) => match (name, count) {
            ("subcommand_matches", 1) => Some("Option<&ArgMatches>"),
            ("subcommand_name", 0) => Some("Option<&str>"),
            // Those of clap 2 and 3 had other names.
            ("value_of", 1) => Some("Option<&str>"),
            ("values_of", 1) => Some("Option<Iterator<&str>>"),
            ("get_one" | "get_many" | "remove_one" | "remove_many" | "get_raw", 1) => {
                Some("Option<_>")
            }
            _ => None,
        },
        "HeaderValue" if (name, count) == ("to_str", 0) => {
            Some("Result<&str,http::header::ToStrError>")
        }
        "HeaderMap" => match (name, count) {
            ("get", 1) => Some("Option<&HeaderValue>"),
            ("remove" | "insert", _) => Some("Option<HeaderValue>"),
            _ => None,
        },
        "Value" if any(&["serde_json"]) => value(name, count),
        "Semaphore" if any(&["tokio"]) => match (name, count) {
            ("acquire" | "acquire_owned", 0) | ("acquire_many" | "acquire_many_owned", 1) => {
                Some("Future<Result<_,tokio::sync::AcquireError>>")
            }
            ("try_acquire" | "try_acquire_owned", 0) => {
                Some("Result<_,tokio::sync::TryAcquireError>")
            }
            _ => None,
        },
        "ClientBuilder" if any(&["reqwest"]) && (name, count) == ("build", 0) => {
            Some("Result<Client,reqwest::Error>")
        }
        // What is set on a builder.
        "ClientBuilder" if any(&["reqwest"]) => Some("reqwest::ClientBuilder"),
        "Builder" if ty == "tokio::runtime::Builder" => match (name, count) {
            ("build", 0) => Some("Result<Runtime,std::io::Error>"),
            _ => Some("tokio::runtime::Builder"),
        },
        "LruCache" if any(&["lru"]) => {
            let arguments = arguments(ty);
            let [key, value, ..] = arguments.as_slice() else { return None };
            return lru(key, value, name, count);
        }
        "Match" if any(&["regex"]) && (name, count) == ("as_str", 0) => Some("&str"),
        _ => None,
    };
    found.map(str::to_string)
}

fn url(name: &str, count: usize) -> Option<&'static str> {
    let ty = match (name, count) {
        ("host_str" | "domain" | "query" | "fragment" | "password", 0) => "Option<&str>",
        ("port" | "port_or_known_default", 0) => "Option<u16>",
        ("host", 0) => "Option<_>",
        ("path_segments", 0) => "Option<Iterator<&str>>",
        ("join", 1) => "Result<Url,url::ParseError>",
        ("set_host", 1) => "Result<(),url::ParseError>",
        ("set_username" | "set_password" | "set_port" | "set_scheme" | "set_ip_host", 1) => {
            "Result<(),()>"
        }
        ("to_file_path", 0) => "Result<PathBuf,()>",
        ("path_segments_mut", 0) => "Result<_,()>",
        ("as_str" | "path" | "scheme" | "username", 0) => "&str",
        _ => return None,
    };
    Some(ty)
}

fn value(name: &str, count: usize) -> Option<&'static str> {
    let ty = match (name, count) {
        ("as_str", 0) => "Option<&str>",
        ("as_u64", 0) => "Option<u64>",
        ("as_i64", 0) => "Option<i64>",
        ("as_f64", 0) => "Option<f64>",
        ("as_bool", 0) => "Option<bool>",
        ("as_array", 0) => "Option<&Vec<serde_json::Value>>",
        ("as_array_mut", 0) => "Option<&mutVec<serde_json::Value>>",
        ("as_object", 0) => "Option<&HashMap<String,serde_json::Value>>",
        ("as_object_mut", 0) => "Option<&mutHashMap<String,serde_json::Value>>",
        ("get", 1) => "Option<&serde_json::Value>",
        ("get_mut", 1) => "Option<&mutserde_json::Value>",
        ("pointer", 1) => "Option<&serde_json::Value>",
        _ => return None,
    };
    Some(ty)
}

fn lru(key: &str, value: &str, name: &str, count: usize) -> Option<String> {
    let ty = match (name, count) {
        ("get" | "peek", 1) => format!("Option<&{value}>"),
        ("get_mut" | "peek_mut", 1) => format!("Option<&mut{value}>"),
        ("pop", 1) | ("put", 2) => format!("Option<{value}>"),
        ("pop_lru" | "pop_mru", 0) => format!("Option<({key},{value})>"),
        ("push", 2) => format!("Option<({key},{value})>"),
        ("peek_lru" | "peek_mru", 0) => format!("Option<(&{key},&{value})>"),
        _ => return None,
    };
    Some(ty)
}
