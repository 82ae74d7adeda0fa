//! Repositories of a few revisions, for tests.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use sha1_smol::Sha1;

/// Writes a repository whose revisions have these files, in order, and returns their names.
pub fn repository(root: &Path, revisions: &[&[(&str, &str)]]) -> Vec<String> {
    let git = root.join(".git");
    fs::create_dir_all(git.join("refs/heads")).expect("made");
    fs::write(git.join("HEAD"), "ref: refs/heads/main\n").expect("written");
    let mut names: Vec<String> = Vec::new();
    for (number, files) in revisions.iter().enumerate() {
        let tree = tree(&git, files);
        let parent = names.last().map(|it| format!("parent {it}\n")).unwrap_or_default();
        let who = format!("a <a@example.org> {} +0000", 1_000 + number);
        let text = format!("tree {tree}\n{parent}author {who}\ncommitter {who}\n\nmessage\n");
        names.push(object(&git, "commit", text.as_bytes()));
    }
    fs::write(git.join("refs/heads/main"), names.last().expect("a revision")).expect("written");
    names
}

/// Writes a tree, of files first and folders last, and returns its name.
fn tree(git: &Path, files: &[(&str, &str)]) -> String {
    let mut entries: Vec<(String, &str, String)> = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| !path.contains('/')) {
        entries.push((path.to_string(), "100644", object(git, "blob", text.as_bytes())));
    }
    let mut folders: Vec<&str> =
        files.iter().filter_map(|it| Some(it.0.split_once('/')?.0)).collect();
    folders.sort_unstable();
    folders.dedup();
    for folder in folders {
        let below: Vec<(&str, &str)> = files
            .iter()
            .filter_map(|(path, text)| Some((path.strip_prefix(folder)?.strip_prefix('/')?, *text)))
            .collect();
        entries.push((folder.to_string(), "40000", tree(git, &below)));
    }
    let mut bytes = Vec::new();
    for (name, mode, hex) in entries {
        bytes.extend(format!("{mode} {name}\0").bytes());
        let digits = hex.as_bytes().chunks(2);
        bytes.extend(digits.map(|it| {
            u8::from_str_radix(std::str::from_utf8(it).expect("digits"), 16).expect("a byte")
        }));
    }
    object(git, "tree", &bytes)
}

fn object(git: &Path, kind: &str, data: &[u8]) -> String {
    let mut bytes = format!("{kind} {}\0", data.len()).into_bytes();
    bytes.extend(data);
    let mut hash = Sha1::new();
    hash.update(&bytes);
    let name = hash.digest().to_string();
    let (folder, rest) = name.split_at(2);
    let folder = git.join("objects").join(folder);
    fs::create_dir_all(&folder).expect("made");
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&bytes).expect("compressed");
    fs::write(folder.join(rest), encoder.finish().expect("compressed")).expect("written");
    name
}
