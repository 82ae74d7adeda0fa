//! Calls that panic where the function can return the failure.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::io;
use std::num::ParseIntError;
use std::panic::{UnwindSafe, catch_unwind};
use std::sync::{Mutex, RwLock};
use std::thread;

use anyhow::Context;

#[derive(Debug)]
pub enum OwnError {
    Number(ParseIntError),
    Other(String),
}

impl From<ParseIntError> for OwnError {
    fn from(error: ParseIntError) -> Self {
        Self::Number(error)
    }
}

impl Display for OwnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(error) => write!(f, "{error}"),
            Self::Other(message) => write!(f, "{message}"),
        }
    }
}

impl Error for OwnError {}

#[derive(Debug, thiserror::Error)]
pub enum DerivedError {
    #[error("no number")]
    Number(#[from] ParseIntError),
    #[error("cannot read")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Invalid(String),
}

type OwnResult<T> = Result<T, OwnError>;

/// What becomes of each function with a text that is a number with one digit, or is not.
pub fn outcomes(text: &'static str) -> Vec<(&'static str, String)> {
    vec![
        ("boxed_number", outcome(|| boxed_number(text))),
        ("boxed_option", outcome(|| boxed_option(text))),
        ("shared_number", outcome(|| shared_number(text))),
        ("anyhow_number", outcome(|| anyhow_number(text))),
        ("anyhow_message", outcome(|| anyhow_message(text))),
        ("anyhow_option", outcome(|| anyhow_option(text))),
        ("io_option", outcome(|| io_option(text).map_err(|error| error.to_string()))),
        ("io_number", outcome(|| io_number(text).map_err(|error| error.to_string()))),
        ("text_number", outcome(|| text_number(text))),
        ("text_option", outcome(|| text_option(text))),
        ("option_of_option", outcome(|| option_of_option(text))),
        ("option_of_number", outcome(|| option_of_number(text))),
        ("own_number", outcome(|| own_number(text))),
        ("own_option", outcome(|| own_option(text))),
        ("alias", outcome(|| alias(text))),
        ("derived_number", outcome(|| derived_number(text))),
        ("derived_option", outcome(|| derived_option(text))),
        ("derived_file", outcome(|| derived_file(text))),
        ("split", outcome(|| split(text))),
        ("in_a_map", outcome(|| in_a_map(text))),
        ("in_a_condition", outcome(|| in_a_condition(text))),
        ("in_arguments", outcome(|| in_arguments(text))),
        ("in_a_macro", outcome(|| in_a_macro(text))),
        ("in_a_chain", outcome(|| in_a_chain(text))),
        ("by_a_helper", outcome(|| by_a_helper(text))),
        ("by_a_method", outcome(|| by_a_method(text))),
        ("of_bytes", outcome(|| of_bytes(text))),
        ("by_a_thread", outcome(|| by_a_thread(text))),
        ("mutex", outcome(|| mutex(text))),
        ("read_lock", outcome(|| read_lock(text))),
    ]
}

fn outcome<T: Debug>(run: impl FnOnce() -> T + UnwindSafe) -> String {
    match catch_unwind(run) {
        Ok(value) => format!("{value:?}"),
        Err(_) => "panicked".to_string(),
    }
}

// Bodies.

fn boxed_number(text: &str) -> Result<u32, Box<dyn Error>> {
    Ok(text.parse::<u32>()?)
}

fn boxed_option(text: &str) -> Result<char, Box<dyn Error>> {
    let first = text.chars().next().ok_or("text is empty")?;
    Ok(first)
}

fn shared_number(text: &str) -> Result<u32, Box<dyn Error + Send + Sync>> {
    let number: u32 = text.parse()?;
    Ok(number)
}

fn anyhow_number(text: &str) -> anyhow::Result<u32> {
    let number: u32 = text.parse().context("parse number")?;
    Ok(number)
}

fn anyhow_message(text: &str) -> anyhow::Result<u32> {
    Ok(text.parse().map_err(|error| anyhow::anyhow!("the text must be a number: {error:?}"))?)
}

fn anyhow_option(text: &str) -> anyhow::Result<char> {
    Ok(text.chars().last().context("text is empty")?)
}

fn io_option(text: &str) -> io::Result<char> {
    Ok(text.chars().next().ok_or_else(|| io::Error::other("the text is empty"))?)
}

fn io_number(text: &str) -> io::Result<u32> {
    let number = text.parse::<u32>().map_err(io::Error::other)?;
    Ok(number)
}

fn text_number(text: &str) -> Result<u32, String> {
    let number = text.parse::<u32>().map_err(|error| format!("parse number: {error}"))?;
    Ok(number)
}

fn text_option(text: &str) -> Result<char, String> {
    Ok(text.chars().next().ok_or("text is empty")?)
}

fn option_of_option(text: &str) -> Option<char> {
    let first = text.chars().next()?;
    Some(first)
}

fn option_of_number(text: &str) -> Option<u32> {
    Some(text.parse::<u32>().ok()?)
}

fn own_number(text: &str) -> Result<u32, OwnError> {
    Ok(text.parse::<u32>()?)
}

fn own_option(text: &str) -> Result<char, OwnError> {
    let first = text.chars().next().ok_or_else(|| OwnError::Other("text is empty".to_string()))?;
    Ok(first)
}

fn alias(text: &str) -> OwnResult<u32> {
    let number = text.parse::<u32>()?;
    Ok(number)
}

fn derived_number(text: &str) -> Result<u32, DerivedError> {
    Ok(text.parse::<u32>()?)
}

fn derived_option(text: &str) -> Result<char, DerivedError> {
    Ok(text.chars().next().ok_or_else(|| io::Error::other("the text is empty"))?)
}

fn derived_file(text: &str) -> Result<usize, DerivedError> {
    let path = if text.is_empty() { "no such file" } else { file!() };
    let length = std::fs::read_to_string(path).unwrap_or_default().len().min(7);
    std::fs::metadata(if text.is_empty() { "no such file" } else { "." })?;
    Ok(length.max(7))
}

// Places.

fn split(text: &str) -> anyhow::Result<String> {
    let line = if text.is_empty() { String::new() } else { format!("key={text}") };
    let (_, value) = line.split_once('=').context("line has no '='")?;
    Ok(value.to_string())
}

fn in_a_map(text: &str) -> anyhow::Result<String> {
    let values = HashMap::from([("7", "7".to_string())]);
    let value: &String = values.get(text).context("no text in values")?;
    Ok(value.clone())
}

fn in_a_condition(text: &str) -> anyhow::Result<u32> {
    if text.parse::<u32>().context("parse text")? > 3 {
        return Ok(7);
    }
    Ok(0)
}

fn in_arguments(text: &str) -> Result<u32, OwnError> {
    Ok(u32::max(text.parse::<u32>()?, 1))
}

fn in_a_macro(text: &str) -> anyhow::Result<String> {
    Ok(format!("<{}>", text.parse::<u32>().context("parse text")?))
}

fn in_a_chain(text: &str) -> anyhow::Result<String> {
    let all = text
        .chars()
        .next()
        .context("text is empty")?
        .to_string()
        .parse::<u32>()
        .context("parse all")?
        .to_string();
    Ok(all)
}

fn by_a_helper(text: &str) -> anyhow::Result<u32> {
    let number = helper(text)?;
    Ok(number)
}

fn helper(text: &str) -> anyhow::Result<u32> {
    Ok(text.parse::<u32>().context("parse text")?)
}

struct Parser {
    text: String,
}

impl Parser {
    fn number(&self) -> Result<u32, OwnError> {
        Ok(self.digits()?)
    }

    fn digits(&self) -> Result<u32, ParseIntError> {
        self.text.parse()
    }
}

fn by_a_method(text: &str) -> Result<u32, OwnError> {
    let parser = Parser { text: text.to_string() };
    parser.number()
}

fn of_bytes(text: &str) -> Result<String, Box<dyn Error>> {
    let bytes = if text.is_empty() { vec![0xff] } else { text.as_bytes().to_vec() };
    Ok(String::from_utf8(bytes)?)
}

fn by_a_thread(text: &'static str) -> anyhow::Result<u32> {
    let thread = thread::spawn(move || if text.is_empty() { panic!() } else { 7 });
    Ok(thread.join().map_err(|error| anyhow::anyhow!("join thread: {error:?}"))?)
}

// Locks.

fn mutex(text: &str) -> anyhow::Result<usize> {
    let lock = Mutex::new(7);
    if text.is_empty() {
        thread::scope(|scope| {
            let holder = scope.spawn(|| {
                let _guard = lock.lock();
                panic!();
            });
            drop(holder.join());
        });
    }
    let value = *lock.lock().map_err(|error| anyhow::anyhow!("lock lock: {error}"))?;
    Ok(value)
}

fn read_lock(text: &str) -> Result<usize, String> {
    let lock = RwLock::new(7);
    if text.is_empty() {
        thread::scope(|scope| {
            let holder = scope.spawn(|| {
                let _guard = lock.write();
                panic!();
            });
            drop(holder.join());
        });
    }
    let value = *lock.read().map_err(|error| format!("read lock: {error}"))?;
    Ok(value)
}
