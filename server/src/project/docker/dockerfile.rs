//! Dockerfiles: stages and what they do, each with its place.

use parse_dockerfile as parser;

use super::here_documents::WithoutHereDocuments;
use super::variables::Variables;
use crate::project::values::Malformed;
use crate::text::{FileRange, TextSize};

/// A text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned {
    /// Bytes of the file.
    pub range: FileRange,
    /// Without line continuations and escapes.
    pub text: String,
}

/// A Dockerfile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// `ARG`s before the first `FROM`, with their defaults.
    pub args: Vec<(Spanned, Option<String>)>,
    /// In the order of the file; the last one is what is shipped unless a target is named.
    pub stages: Vec<Stage>,
}

/// A stage of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The keyword `FROM`.
    pub from: FileRange,
    /// The image, or an earlier stage, as it is written.
    pub image: Spanned,
    /// The name behind `AS`.
    pub name: Option<Spanned>,
    /// What follows, up to the next `FROM`.
    pub instructions: Vec<Instruction>,
}

/// An instruction other than `FROM` and its place, from the keyword on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// Bytes of the file.
    pub range: FileRange,
    /// What it does.
    pub action: Action,
}

/// What an instruction does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `COPY` and `ADD`.
    Copy {
        /// `--from`: a stage or image; without it the build context.
        from: Option<Spanned>,
        /// Paths as they are written; here-documents are left out.
        sources: Vec<Spanned>,
        /// Where to.
        dest: Spanned,
        /// The other flags, as `name` and value: `chown`, `chmod`, `link`.
        flags: Vec<(String, String)>,
        /// `ADD`, which fetches URLs and unpacks archives as well.
        is_add: bool,
    },
    /// `RUN`, with the commands as they are written; the words of the exec form are joined.
    Run {
        /// The commands, here-documents among them.
        script: Spanned,
        /// The flags, as `name` and value: `mount`, `network`.
        flags: Vec<(String, String)>,
    },
    /// `ENV`: names and values.
    Env(Vec<(Spanned, Spanned)>),
    /// `LABEL`: keys and values.
    Label(Vec<(Spanned, Spanned)>),
    /// `ARG`: name and default.
    Arg(Spanned, Option<String>),
    /// `USER`.
    User(Spanned),
    /// `WORKDIR`.
    Workdir(Spanned),
    /// `VOLUME`.
    Volume(Vec<Spanned>),
    /// `EXPOSE`.
    Expose(Vec<Spanned>),
    /// `CMD` and `ENTRYPOINT`, as one line of words.
    Start {
        /// The command.
        command: Spanned,
        /// `ENTRYPOINT`, which arguments of the container do not replace.
        is_entrypoint: bool,
    },
    /// `HEALTHCHECK`; nothing for `NONE`.
    Healthcheck(Option<Spanned>),
    /// `SHELL`, `STOPSIGNAL`, `ONBUILD`, `MAINTAINER`.
    Other,
}

/// A folder or file that a `RUN` sees without a copy: `--mount=type=bind`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindMount {
    /// A stage or image; without it the build context.
    pub from: Option<String>,
    /// The path that is mounted.
    pub source: String,
    /// Where to.
    pub target: String,
}

impl Action {
    /// Gives variables the values that it says.
    pub fn assign(&self, variables: &mut Variables) {
        match self {
            Self::Env(pairs) => {
                pairs.iter().for_each(|(name, value)| variables.set(&name.text, Some(&value.text)));
            }
            Self::Arg(name, Some(default)) => variables.set(&name.text, Some(default)),
            _ => {}
        }
    }

    /// What a `RUN` mounts.
    pub fn bind_mounts(&self) -> impl Iterator<Item = BindMount> {
        let flags = match self {
            Self::Run { flags, .. } => flags.as_slice(),
            _ => &[],
        };
        let mounts = flags.iter().filter(|(name, _)| name == "mount");
        mounts.filter_map(|(_, mount)| {
            let option = |names: &[&str]| {
                let mut options = mount.split(',').filter_map(|it| it.split_once('='));
                options.find_map(|(name, value)| names.contains(&name).then(|| value.to_string()))
            };
            let is_bind = option(&["type"]).is_none_or(|it| it == "bind");
            let target = option(&["target", "dst", "destination"]).filter(|_| is_bind)?;
            let source = option(&["source", "src"]).unwrap_or_else(|| ".".to_string());
            Some(BindMount { from: option(&["from"]), source, target })
        })
    }
}

impl Dockerfile {
    /// Reads a Dockerfile.
    ///
    /// # Errors
    ///
    /// When it is none, such as one without `FROM`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let plain = WithoutHereDocuments::new(text);
        let parsed = parser::parse(&plain.text).map_err(|error| {
            let line = error.line().saturating_sub(1);
            let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
            let len = text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or(&message).to_string();
            Malformed { range: range(start..start + len), message }
        })?;
        let mut file = Self::default();
        for instruction in &parsed.instructions {
            match instruction {
                parser::Instruction::From(from) => file.stages.push(Stage {
                    from: range(from.from.span.clone()),
                    image: spanned(&from.image),
                    name: from.as_.as_ref().map(|(_, name)| spanned(name)),
                    instructions: Vec::new(),
                }),
                parser::Instruction::Arg(arg) if file.stages.is_empty() => {
                    file.args.extend(arguments(&arg.arguments));
                }
                other => {
                    if let Some(stage) = file.stages.last_mut() {
                        stage.instructions.extend(read(text, &plain, other));
                    }
                }
            }
        }
        Ok(file)
    }

    /// The stage that is shipped when no target is named.
    pub fn last_stage(&self) -> Option<&Stage> {
        self.stages.last()
    }

    /// A stage with those that it builds on, itself first.
    pub fn chain<'d>(&'d self, stage: &'d Stage) -> Vec<&'d Stage> {
        let mut chain = vec![stage];
        let mut first = stage;
        while let Some(below) = self.stage(&first.image.text)
            && below.from.start() < first.from.start()
        {
            chain.push(below);
            first = below;
        }
        chain
    }

    /// The earlier stage that a name or number refers to.
    pub fn stage(&self, name: &str) -> Option<&Stage> {
        let named = |stage: &&Stage| {
            stage.name.as_ref().is_some_and(|it| it.text.eq_ignore_ascii_case(name))
        };
        match name.parse::<usize>() {
            Ok(index) => self.stages.get(index),
            Err(_) => self.stages.iter().find(named),
        }
    }

    /// The image of a stage with the defaults of the `ARG`s before the first `FROM` filled in;
    /// nothing when one has no default.
    pub fn image(&self, stage: &Stage) -> Option<String> {
        self.arguments().expand(&stage.image.text)
    }

    /// The arguments in front of the first `FROM`, which are known in the names of images.
    fn arguments(&self) -> Variables {
        let mut variables = Variables::default();
        for (name, default) in &self.args {
            variables.set(&name.text, default.as_deref());
        }
        variables
    }

    /// Adds what a stage knows of the arguments in front of the first `FROM`: those that it
    /// declares again.
    pub fn declare(&self, stage: &Stage, variables: &mut Variables) {
        let outer = self.arguments();
        for instruction in &stage.instructions {
            if let Action::Arg(name, None) = &instruction.action {
                variables.take_over(&name.text, &outer);
            }
        }
    }
}

fn read(
    text: &str,
    plain: &WithoutHereDocuments,
    instruction: &parser::Instruction<'_>,
) -> Vec<Instruction> {
    use parser::Instruction as I;
    let one = |keyword: &parser::Keyword, end: usize, action| {
        vec![Instruction { range: range(keyword.span.start..end), action }]
    };
    match instruction {
        I::Copy(it) => {
            let action = copy(&it.options, &it.src, &it.dest, false);
            one(&it.copy, it.dest.span.end, action)
        }
        I::Add(it) => {
            let action = copy(&it.options, &it.src, &it.dest, true);
            one(&it.add, it.dest.span.end, action)
        }
        I::Run(it) => {
            let mut script = command(&it.arguments);
            let mut end = usize::from(script.range.end());
            if let Some(documents) = plain.of(it.run.span.start) {
                let written = text.get(std::ops::Range::<usize>::from(script.range));
                let lines = text.get(documents.clone()).unwrap_or_default();
                script.text = format!("{}\n{lines}\n", continued(written.unwrap_or_default()));
                end = documents.end;
            }
            one(&it.run, end, Action::Run { script, flags: flags(&it.options) })
        }
        I::Env(it) => one(&it.env, it.arguments.span.end, Action::Env(pairs(text, &it.arguments))),
        I::Label(it) => {
            let end = it.arguments.span.end;
            one(&it.label, end, Action::Label(pairs(text, &it.arguments)))
        }
        I::Arg(it) => arguments(&it.arguments)
            .into_iter()
            .map(|(name, default)| Instruction {
                range: range(it.arg.span.start..it.arguments.span.end),
                action: Action::Arg(name, default),
            })
            .collect(),
        I::User(it) => one(&it.user, it.arguments.span.end, Action::User(spanned(&it.arguments))),
        I::Workdir(it) => {
            one(&it.workdir, it.arguments.span.end, Action::Workdir(spanned(&it.arguments)))
        }
        I::Volume(it) => {
            let paths: Vec<Spanned> = match &it.arguments {
                parser::JsonOrStringArray::Json(list) => list.value.iter().map(spanned).collect(),
                parser::JsonOrStringArray::String(list) => list.iter().map(spanned).collect(),
            };
            let end = paths.last().map_or(it.volume.span.end, |it| it.range.end().into());
            one(&it.volume, end, Action::Volume(paths))
        }
        I::Expose(it) => {
            let ports: Vec<Spanned> = it.arguments.iter().map(spanned).collect();
            let end = ports.last().map_or(it.expose.span.end, |it| it.range.end().into());
            one(&it.expose, end, Action::Expose(ports))
        }
        I::Cmd(it) => {
            let command = command(&it.arguments);
            let end = command.range.end().into();
            one(&it.cmd, end, Action::Start { command, is_entrypoint: false })
        }
        I::Entrypoint(it) => {
            let command = command(&it.arguments);
            let end = command.range.end().into();
            one(&it.entrypoint, end, Action::Start { command, is_entrypoint: true })
        }
        I::Healthcheck(it) => {
            let check = match &it.arguments {
                parser::HealthcheckArguments::Cmd { arguments, .. } => Some(command(arguments)),
                _ => None,
            };
            let end = check.as_ref().map_or(it.healthcheck.span.end, |it| it.range.end().into());
            one(&it.healthcheck, end, Action::Healthcheck(check))
        }
        _ => Vec::new(),
    }
}

fn copy(
    options: &[parser::Flag<'_>],
    sources: &[parser::Source<'_>],
    dest: &parser::UnescapedString<'_>,
    is_add: bool,
) -> Action {
    let from = options.iter().find(|flag| flag.name.value == "from");
    Action::Copy {
        from: from.and_then(|flag| flag.value.as_ref()).map(spanned),
        sources: sources
            .iter()
            .filter_map(|source| match source {
                parser::Source::Path(path) => Some(spanned(path)),
                _ => None,
            })
            .collect(),
        dest: spanned(dest),
        flags: flags(options),
        is_add,
    }
}

fn flags(options: &[parser::Flag<'_>]) -> Vec<(String, String)> {
    let value = |flag: &parser::Flag<'_>| {
        flag.value.as_ref().map(|it| it.value.to_string()).unwrap_or_default()
    };
    options.iter().map(|flag| (flag.name.value.to_string(), value(flag))).collect()
}

fn command(command: &parser::Command<'_>) -> Spanned {
    match command {
        parser::Command::Exec(words) => {
            let text: Vec<&str> = words.value.iter().map(|word| word.value.as_ref()).collect();
            Spanned { range: range(words.span.clone()), text: text.join(" ") }
        }
        parser::Command::Shell(script) => {
            Spanned { range: range(script.span.clone()), text: continued(script.value) }
        }
        _ => Spanned { range: FileRange::default(), text: String::new() },
    }
}

/// A line that is continued, in one.
fn continued(script: &str) -> String {
    script.replace("\\\r\n", " ").replace("\\\n", " ")
}

/// `NAME`, `NAME=default`, or several of them.
fn arguments(written: &parser::UnescapedString<'_>) -> Vec<(Spanned, Option<String>)> {
    let start = written.span.start;
    words(&written.value)
        .into_iter()
        .map(|(at, word)| {
            let (name, default) = match word.split_once('=') {
                Some((name, default)) => (name, Some(unquoted(default))),
                None => (word, None),
            };
            let place = range(start + at..start + at + name.len());
            (Spanned { range: place, text: name.to_string() }, default)
        })
        .collect()
}

/// `NAME=value …`, or the old form `NAME value`.
fn pairs(text: &str, written: &parser::UnescapedString<'_>) -> Vec<(Spanned, Spanned)> {
    let start = written.span.start;
    // Places are looked up in the file itself: a continued line has lost its line breaks.
    let raw = text.get(written.span.clone()).unwrap_or(&written.value);
    let list = words(raw);
    let is_old = list.first().is_some_and(|(_, word)| !word.contains('='));
    if is_old {
        let Some((name, value)) = raw.split_once(char::is_whitespace) else { return Vec::new() };
        let lead = value.len() - value.trim_start().len();
        let at = start + name.len() + 1 + lead;
        let value = value.trim();
        return vec![(
            Spanned { range: range(start..start + name.len()), text: name.to_string() },
            Spanned { range: range(at..at + value.len()), text: value.to_string() },
        )];
    }
    list.into_iter()
        .filter_map(|(at, word)| {
            let (name, value) = word.split_once('=')?;
            let value_at = start + at + name.len() + 1;
            let place = range(start + at..start + at + name.len());
            Some((
                Spanned { range: place, text: name.to_string() },
                Spanned { range: range(value_at..value_at + value.len()), text: unquoted(value) },
            ))
        })
        .collect()
}

/// The words of a line with their offsets; quotes hold a word together, a backslash before a line
/// break is white space.
fn words(line: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let continues = c == '\\' && chars.peek().is_some_and(|(_, c)| matches!(c, '\n' | '\r'));
        if quote.is_none() && (c.is_whitespace() || continues) {
            if let Some(start) = start.take() {
                words.push((start, &line[start..at]));
            }
            continue;
        }
        start.get_or_insert(at);
        match c {
            '\\' => {
                chars.next();
            }
            '"' | '\'' if quote.is_none() => quote = Some(c),
            _ if quote == Some(c) => quote = None,
            _ => {}
        }
    }
    if let Some(start) = start {
        words.push((start, &line[start..]));
    }
    words
}

fn unquoted(value: &str) -> String {
    let inner = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value).to_string()
}

fn spanned(written: &parser::UnescapedString<'_>) -> Spanned {
    Spanned { range: range(written.span.clone()), text: written.value.to_string() }
}

fn range(span: std::ops::Range<usize>) -> FileRange {
    let start = TextSize::new(span.start as u32);
    FileRange::new(start, TextSize::new(span.end as u32).max(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_and_instructions_keep_their_places() {
        let text = "\
ARG RUST=1.80
FROM rust:${RUST}-slim AS build
COPY --chown=app Cargo.toml Cargo.lock ./
RUN cargo build \\
    --release
FROM debian
ENV A=1 B=\"two words\" \\
    C=3
ENV OLD old value
COPY --from=build /app/target/release/x /usr/bin/x
USER app
HEALTHCHECK CMD curl -f http://localhost/
ENTRYPOINT [\"x\", \"--serve\"]
";
        let file = Dockerfile::parse(text).expect("it parses");
        assert_eq!(file.image(&file.stages[0]).as_deref(), Some("rust:1.80-slim"));
        assert_eq!(file.stage("build"), file.stages.first());
        let shown: Vec<String> = file.stages[1]
            .instructions
            .iter()
            .map(|it| match &it.action {
                Action::Env(pairs) => pairs
                    .iter()
                    .map(|(name, value)| {
                        assert_eq!(&text[name.range], name.text);
                        format!("{}={}@{}", name.text, value.text, &text[value.range])
                    })
                    .collect::<Vec<_>>()
                    .join(","),
                Action::Copy { from, sources, dest, .. } => format!(
                    "{:?} {} {}",
                    from.as_ref().map(|it| &it.text),
                    &text[sources[0].range],
                    dest.text
                ),
                Action::User(user) => user.text.clone(),
                Action::Healthcheck(Some(check)) => check.text.clone(),
                Action::Start { command, .. } => command.text.clone(),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(
            shown,
            [
                "A=1@1,B=two words@\"two words\",C=3@3",
                "OLD=old value@old value",
                "Some(\"build\") /app/target/release/x /usr/bin/x",
                "app",
                "curl -f http://localhost/",
                "x --serve",
            ]
        );
    }

    #[test]
    fn variables_are_known_where_they_are_declared() {
        let text =
            "ARG A=1.80\nARG B\nFROM rust:${A} AS x\nARG A\nARG B=${A}-slim\nENV C=/c/$B D=$E\n";
        let file = Dockerfile::parse(text).expect("it parses");
        let stage = file.last_stage().expect("a stage");
        assert_eq!(file.image(stage).as_deref(), Some("rust:1.80"));
        let mut variables = Variables::default();
        file.declare(stage, &mut variables);
        stage.instructions.iter().for_each(|it| it.action.assign(&mut variables));
        assert_eq!(variables.expand("$C").as_deref(), Some("/c/1.80-slim"));
        assert_eq!(variables.expand("$D"), None);
    }

    #[test]
    fn what_is_no_dockerfile_is_refused_at_its_line() {
        let text = "FROM a\nRUN x\nFORM b\n";
        let error = Dockerfile::parse(text).expect_err("refused");
        assert_eq!(&text[error.range], "FORM b");
    }
}
