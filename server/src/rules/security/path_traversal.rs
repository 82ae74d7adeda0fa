//! File whose path a request chooses.
//!
//! `join` leaves `..` as it is, and an absolute path replaces what it is joined to. A client that
//! sends `../../etc/passwd` or `/etc/passwd` reads, writes or deletes files anywhere. Extractors
//! decode `%2e%2e%2f`, so that a part of the path of a URL is no protection.
//!
//! ```rust,bad
//! use axum::extract::Path;
//!
//! async fn download(Path(name): Path<String>) -> std::io::Result<Vec<u8>> {
//!     tokio::fs::read(std::path::Path::new("/srv/files").join(&name)).await
//! }
//! ```
//!
//! Take the last component only, or compare the resolved path with the folder it has to be in:
//!
//! ```rust
//! use axum::extract::Path;
//!
//! async fn download(Path(name): Path<String>) -> std::io::Result<Vec<u8>> {
//!     let root = std::path::Path::new("/srv/files").canonicalize()?;
//!     let path = root.join(&name).canonicalize()?;
//!     if !path.starts_with(&root) {
//!         return Err(std::io::ErrorKind::NotFound.into());
//!     }
//!     tokio::fs::read(path).await
//! }
//! ```
//!
//! Names of uploaded files and of entries of archives are chosen by clients, too.
//!
//! Known problems: a value that goes through a field of `self`, or through two helpers, is not
//! followed. A function whose name says that it validates counts as a check.

use super::AREA;
use crate::analysis::{Context, On, Query, Rule, Severity};
use crate::project::flow::Kind;
use crate::rules::reached::{report, shown};
use crate::semantics::flow::reached;
use crate::syntax::ast;

pub static RULE: Rule = Rule {
    id: "path-traversal",
    severity: Severity::High,
    raised_when_critical: false,
    cwe: &[22],
    seeds: &["E.4"],
    source: include_str!("path_traversal.rs"),
    queries: &[Query::Node(&On(check))],
    ..Rule::source(AREA)
};

fn check(function: &ast::Fn, cx: &mut Context<'_>) {
    for it in reached(function, cx, &[Kind::File]) {
        let name = shown(&it.name);
        let message = match it.through_helper {
            true => format!("{name} becomes part of the path of a file in `{}` unchecked", it.sink),
            false => {
                format!("{name} becomes part of the path that `{}` is given, unchecked", it.sink)
            }
        };
        cx.report(&it.node, report(&it, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{check, silent};

    #[test]
    fn paths_of_requests_are_found() {
        check(
            &RULE,
            r#"
use std::path::{Path as FilePath, PathBuf};
use std::fs;

async fn download(Path(name): Path<String>, State(state): State<AppState>) -> Result<Vec<u8>> {
    let path = state.root.join("files").join(&name);
    let bytes = fs::read(&path)?;
              //^^^^^^^^^^^^^^^ path-traversal: `name` becomes part of the path that `fs::read` is given, unchecked
    Ok(bytes)
}
async fn remove(req: HttpRequest, info: web::Path<(String, u32)>) -> HttpResponse {
    let file = format!("./data/{}.json", info.0);
    match std::fs::remove_file(file) {
    //~ path-traversal
        Ok(()) => HttpResponse::Ok().finish(),
        Err(_) => HttpResponse::NotFound().finish(),
    }
}
async fn named(req: HttpRequest) -> actix_web::Result<NamedFile> {
    let path: PathBuf = req.match_info().query("filename").parse().unwrap();
    Ok(NamedFile::open(path)?)
    //~ path-traversal
}
async fn upload(mut multipart: Multipart) -> Result<(), StatusCode> {
    while let Some(field) = multipart.next_field().await.map_err(|_| StatusCode::BAD_REQUEST)? {
        let file_name = field.file_name().unwrap_or("upload.bin").to_string();
        let data = field.bytes().await.unwrap();
        let mut file = tokio::fs::File::create(format!("uploads/{file_name}")).await.unwrap();
        //~ path-traversal
        tokio::fs::write(FilePath::new("uploads").join(&file_name), &data).await.unwrap();
        //~ path-traversal
    }
    Ok(())
}
impl Files for Service {
    async fn read(&self, request: Request<ReadRequest>) -> Result<Response<Reply>, Status> {
        let ReadRequest { path, .. } = request.into_inner();
        let mut target = self.root.clone();
        target.push(path);
        let data = tokio::fs::read_to_string(&target).await?;
        //~ path-traversal
        let file = OpenOptions::new().write(true).open(target)?;
        //~ path-traversal
        Ok(Response::new(Reply { data }))
    }
}
#[get("/static/<file>")]
async fn rocket(file: String) -> Option<NamedFile> {
    NamedFile::open(FilePath::new("static/").join(file)).await.ok()
    //~ path-traversal
}
"#,
        );
    }

    #[test]
    fn routes_in_closures_and_helpers_are_found() {
        check(
            &RULE,
            r#"
fn router() -> Router {
    Router::new().route("/f/:name", get(|Path(name): Path<String>| async move {
        std::fs::read_to_string(format!("files/{name}")).unwrap_or_default()
        //~ path-traversal
    }))
}
struct Store { root: PathBuf }
impl Store {
    fn load(&self, key: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.root.join(key))
    }
}
async fn get_blob(State(store): State<Store>, Query(q): Query<Params>) -> Result<Vec<u8>> {
    Ok(store.load(&q.key)?)
           //^^^^^^^^^^^^ path-traversal: `q.key` becomes part of the path of a file in `load` unchecked
}
#[derive(Deserialize)]
struct Params { key: String }
"#,
        );
    }

    #[test]
    fn checked_paths_are_left_alone() {
        silent(
            &RULE,
            r#"
async fn by_number(Path(id): Path<u64>) -> Result<Vec<u8>> {
    Ok(tokio::fs::read(format!("data/{id}")).await?)
}
async fn by_uuid(Path(id): Path<Uuid>, Path(text): Path<String>) -> Result<Vec<u8>> {
    let other = Uuid::parse_str(&text)?;
    tokio::fs::read(format!("data/{other}")).await?;
    Ok(tokio::fs::read(ROOT.join(id.to_string())).await?)
}
async fn last_component(Path(name): Path<String>) -> Result<Vec<u8>> {
    let name = std::path::Path::new(&name).file_name().ok_or(NotFound)?;
    Ok(tokio::fs::read(ROOT.join(name)).await?)
}
async fn refused(Path(name): Path<String>) -> Result<Vec<u8>> {
    if name.contains("..") || name.contains('/') {
        return Err(NotFound);
    }
    Ok(tokio::fs::read(ROOT.join(name)).await?)
}
async fn components(Path(name): Path<String>) -> Result<Vec<u8>> {
    let path = PathBuf::from(name);
    if path.components().any(|it| !matches!(it, Component::Normal(_))) {
        return Err(NotFound);
    }
    Ok(tokio::fs::read(ROOT.join(path)).await?)
}
async fn resolved(Path(name): Path<String>) -> Result<Vec<u8>> {
    let full = ROOT.join(name).canonicalize()?;
    anyhow::ensure!(full.starts_with(&*ROOT));
    Ok(tokio::fs::read(full).await?)
}
async fn allowed(Path(name): Path<String>) -> Result<Vec<u8>> {
    let file = match name.as_str() { "a" => "a.txt", "b" => "b.txt", _ => return Err(NotFound) };
    if !ALLOWED.iter().any(|it| *it == name) {
        return Err(NotFound);
    }
    tokio::fs::read(&name).await?;
    Ok(tokio::fs::read(file).await?)
}
async fn validated(Json(body): Json<Body>) -> Result<()> {
    let name = sanitize_filename::sanitize(&body.name);
    check_name(&body.other)?;
    std::fs::write(ROOT.join(name), b"")?;
    std::fs::write(ROOT.join(body.other), body.content)?;
    Ok(())
}
async fn looked_up(Path(name): Path<String>, State(state): State<App>) -> Result<Vec<u8>> {
    let file = state.files.get(&name).ok_or(NotFound)?;
    Ok(tokio::fs::read(&file.path).await?)
}
fn command_line(args: Args) -> Result<String> {
    std::fs::read_to_string(args.path)
}
"#,
        );
    }
}
