//! Methods of the standard library, by the type they are called on.

use super::functions::is_integer;
use super::resources;
use crate::project::base_name;
use crate::semantics::shape::bare;
use crate::semantics::type_text::{arguments, split_list};

/// The type that a smart pointer or a guard leads to.
pub fn pointee(ty: &str) -> &str {
    let ty = bare(ty);
    match base_name(ty) {
        "Box" | "Arc" | "Rc" | "MutexGuard" | "RwLockReadGuard" | "RwLockWriteGuard" | "Ref"
        | "RefMut" | "OwnedMutexGuard" | "LazyLock" | "Lazy" | "ManuallyDrop" | "Pin" => {
            let arguments = arguments(ty);
            let argument = arguments.iter().find(|it| !it.starts_with('\''));
            argument.map_or(ty, |inner| pointee(inner))
        }
        _ => ty,
    }
}

/// What a collection or an iterator holds.
pub fn element(ty: &str) -> Option<String> {
    let ty = pointee(ty);
    if let Some(list) = ty.strip_prefix('[') {
        let list = list.strip_suffix(']')?;
        let end = list.rfind(';').unwrap_or(list.len());
        return list.get(..end).map(str::to_string);
    }
    let arguments = arguments(ty);
    let first = arguments.iter().find(|it| !it.starts_with('\'')).copied();
    match base_name(ty) {
        _ if is_map(ty) => match arguments.as_slice() {
            [key, value, ..] => Some(format!("({key},{value})")),
            _ => None,
        },
        "Option" | "Iterator" => first.map(str::to_string),
        _ if is_list(ty) || is_set(ty) => first.map(str::to_string),
        _ => iterated(ty),
    }
}

/// What an iterator of the standard library gives, by its own type.
fn iterated(ty: &str) -> Option<String> {
    let arguments = arguments(ty);
    let mut types = arguments.iter().copied().filter(|it| !it.starts_with('\''));
    // Those of maps give pairs.
    let inner = types.next().filter(|_| types.next().is_none());
    match base_name(ty) {
        "Chars" => Some("char".to_string()),
        "CharIndices" => Some("(usize,char)".to_string()),
        "SplitWhitespace" | "SplitAsciiWhitespace" => Some("&str".to_string()),
        "ReadDir" => Some("Result<DirEntry,std::io::Error>".to_string()),
        "Args" => Some("String".to_string()),
        "IntoIter" | "Drain" => inner.map(str::to_string),
        "Iter" => inner.map(|it| format!("&{it}")),
        "IterMut" => inner.map(|it| format!("&mut{it}")),
        "Peekable" | "Rev" | "Skip" | "Take" | "StepBy" | "Fuse" => element(inner?),
        "Enumerate" => Some(format!("(usize,{})", element(inner?)?)),
        "implIterator" | "dynIterator" | "implDoubleEndedIterator" | "implExactSizeIterator" => {
            inner?.strip_prefix("Item=").map(str::to_string)
        }
        _ => None,
    }
}

/// The part of a tuple by its number.
pub fn tuple_part(ty: &str, number: &str) -> Option<String> {
    let list = bare(ty).strip_prefix('(')?.strip_suffix(')')?;
    split_list(list).get(number.parse::<usize>().ok()?).map(|it| it.to_string())
}

fn is_map(ty: &str) -> bool {
    matches!(base_name(ty), "HashMap" | "BTreeMap" | "FxHashMap" | "IndexMap" | "AHashMap")
}

fn is_set(ty: &str) -> bool {
    matches!(base_name(ty), "HashSet" | "BTreeSet" | "FxHashSet" | "IndexSet")
}

fn is_list(ty: &str) -> bool {
    ty.starts_with('[') || matches!(base_name(ty), "Vec" | "VecDeque" | "SmallVec")
}

fn is_text(ty: &str) -> bool {
    matches!(base_name(ty), "str" | "String") || base_name(ty) == "Cow" && ty.ends_with("str>")
}

/// What a method gives on a type that is known. Nothing for methods that are not in the table; the
/// types that closures give are `_`.
pub fn method(ty: &str, name: &str, count: usize) -> Option<String> {
    let outer = bare(ty);
    let ty = pointee(ty);
    if count == 0
        && matches!(name, "clone" | "to_owned" | "borrow" | "as_ref" | "deref")
        && (outer != ty || matches!(name, "clone"))
    {
        return Some(if name == "clone" { outer } else { ty }.to_string());
    }
    if let Some(bound) = ty.strip_prefix("impl")
        && let (("AsRef", "as_ref") | ("Into", "into") | ("Borrow", "borrow"), 0) =
            ((base_name(bound), name), count)
    {
        return arguments(bound).first().map(|it| it.to_string());
    }
    let element = || element(ty).unwrap_or_else(|| "_".to_string());
    match base_name(ty) {
        "Option" => option(&element(), name, count),
        "Result" => result(ty, name, count),
        "Iterator" => iterator(&element(), name, count),
        _ if iterated(ty).is_some() => iterator(&element(), name, count),
        _ if is_text(ty) => text(name, count),
        _ if is_list(ty) => list(ty, &element(), name, count),
        _ if is_map(ty) => match arguments(ty).as_slice() {
            [key, value, ..] => map(key, value, name, count),
            _ => map("_", "_", name, count),
        },
        _ if is_set(ty) => set(&element(), name, count),
        "Entry" => match (arguments(ty).get(1), name, count) {
            (Some(value), "or_insert" | "or_insert_with", 1) | (Some(value), "or_default", 0) => {
                Some(format!("&mut{value}"))
            }
            _ => None,
        },
        "OccupiedEntry" => match (arguments(ty).get(1), name, count) {
            (Some(value), "remove" | "get" | "get_mut" | "into_mut", 0) => Some(value.to_string()),
            _ => None,
        },
        "Path" | "PathBuf" => path(name, count),
        "OsStr" | "OsString" => match (name, count) {
            ("to_str", 0) => Some("Option<&str>".to_string()),
            ("into_string", 0) => Some("Result<String,_>".to_string()),
            ("to_string_lossy", 0) => Some("String".to_string()),
            _ => None,
        },
        "CStr" | "CString" if name == "to_str" => {
            Some("Result<&str,std::str::Utf8Error>".to_string())
        }
        integer if is_integer(integer) && name.starts_with("checked_") => {
            Some(format!("Option<{integer}>"))
        }
        _ => resources::method(ty, name, count),
    }
}

fn option(of: &str, name: &str, count: usize) -> Option<String> {
    let ty = match (name, count) {
        ("as_ref" | "iter", 0) => format!("Option<&{of}>"),
        ("as_mut" | "iter_mut", 0) => format!("Option<&mut{of}>"),
        ("as_deref" | "as_deref_mut", 0) => match base_name(bare(of)) {
            "String" => "Option<&str>".to_string(),
            "Vec" => format!("Option<&[{}]>", arguments(bare(of)).first()?),
            "PathBuf" => "Option<&Path>".to_string(),
            _ if pointee(of) != bare(of) => format!("Option<&{}>", pointee(of)),
            _ => "Option<_>".to_string(),
        },
        ("cloned" | "copied", 0) => format!("Option<{}>", bare(of)),
        ("take" | "clone", 0)
        | ("or" | "or_else" | "filter" | "xor" | "inspect" | "replace", 1) => {
            format!("Option<{of}>")
        }
        ("map" | "and_then" | "and" | "zip", 1) => "Option<_>".to_string(),
        ("take_if", 1) => format!("Option<{of}>"),
        ("flatten", 0) => of.to_string(),
        ("transpose", 0) => match arguments(of).as_slice() {
            [value, error] if base_name(of) == "Result" => {
                format!("Result<Option<{value}>,{error}>")
            }
            _ => "Result<_,_>".to_string(),
        },
        ("ok_or" | "ok_or_else", 1) => format!("Result<{of},_>"),
        ("unwrap" | "unwrap_or_default", 0) | ("expect" | "unwrap_or" | "unwrap_or_else", 1) => {
            of.to_string()
        }
        ("insert" | "get_or_insert" | "get_or_insert_with", 1) => format!("&mut{of}"),
        ("into_iter", 0) => format!("Iterator<{of}>"),
        _ => return None,
    };
    Some(ty)
}

fn result(ty: &str, name: &str, count: usize) -> Option<String> {
    let arguments = arguments(ty);
    let (value, error) = match arguments.as_slice() {
        [value, error] => (*value, *error),
        [value] => (*value, "_"),
        _ => ("_", "_"),
    };
    let ty = match (name, count) {
        ("ok", 0) => format!("Option<{value}>"),
        ("err", 0) => format!("Option<{error}>"),
        ("map" | "and_then" | "and", 1) => format!("Result<_,{error}>"),
        ("map_err" | "or_else" | "or", 1) => format!("Result<{value},_>"),
        ("inspect" | "inspect_err", 1) | ("clone", 0) => ty.to_string(),
        ("as_ref", 0) => format!("Result<&{value},_>"),
        ("as_mut", 0) => format!("Result<&mut{value},_>"),
        ("as_deref" | "as_deref_mut", 0) => "Result<_,_>".to_string(),
        ("cloned" | "copied", 0) => format!("Result<{},{error}>", bare(value)),
        ("unwrap" | "unwrap_or_default", 0) | ("expect" | "unwrap_or" | "unwrap_or_else", 1) => {
            value.to_string()
        }
        ("unwrap_err", 0) => error.to_string(),
        ("transpose", 0) => "Option<_>".to_string(),
        _ => return None,
    };
    Some(ty)
}

fn iterator(of: &str, name: &str, count: usize) -> Option<String> {
    let ty = match (name, count) {
        ("next" | "last" | "min" | "max" | "next_back", 0) => format!("Option<{of}>"),
        ("peek", 0) => format!("Option<&{of}>"),
        ("nth" | "nth_back" | "find" | "rfind" | "reduce" | "min_by" | "max_by", 1)
        | ("min_by_key" | "max_by_key" | "next_if" | "next_if_eq", 1) => format!("Option<{of}>"),
        ("position" | "rposition", 1) => "Option<usize>".to_string(),
        ("find_map", 1) => "Option<_>".to_string(),
        ("map" | "filter_map" | "flat_map" | "map_while", 1) => "Iterator<_>".to_string(),
        ("flatten", 0) => format!("Iterator<{}>", element(of).unwrap_or_else(|| "_".to_string())),
        ("zip", 1) => format!("Iterator<({of},_)>"),
        ("filter" | "skip" | "take" | "chain" | "step_by" | "take_while" | "skip_while", 1)
        | ("inspect", 1)
        | ("rev" | "peekable" | "fuse" | "by_ref" | "cycle" | "iter" | "into_iter", 0) => {
            format!("Iterator<{of}>")
        }
        ("cloned" | "copied", 0) => format!("Iterator<{}>", bare(of)),
        ("enumerate", 0) => format!("Iterator<(usize,{of})>"),
        ("count", 0) => "usize".to_string(),
        _ => return None,
    };
    Some(ty)
}

fn text(name: &str, count: usize) -> Option<String> {
    let ty = match (name, count) {
        ("find" | "rfind", 1) => "Option<usize>",
        ("split_once" | "rsplit_once", 1) => "Option<(&str,&str)>",
        ("strip_prefix" | "strip_suffix" | "get", 1) => "Option<&str>",
        ("split_at_checked", 1) => "Option<(&str,&str)>",
        ("pop", 0) => "Option<char>",
        ("chars", 0) => "Iterator<char>",
        ("char_indices", 0) => "Iterator<(usize,char)>",
        ("bytes", 0) => "Iterator<u8>",
        ("lines" | "split_whitespace" | "split_ascii_whitespace", 0) => "Iterator<&str>",
        ("split" | "rsplit" | "split_terminator" | "split_inclusive" | "matches", 1) => {
            "Iterator<&str>"
        }
        ("splitn" | "rsplitn", 2) => "Iterator<&str>",
        ("trim" | "trim_start" | "trim_end" | "as_str" | "as_ref" | "borrow", 0) => "&str",
        ("trim_matches" | "trim_start_matches" | "trim_end_matches", 1) => "&str",
        ("to_string" | "to_owned" | "to_lowercase" | "to_uppercase" | "clone", 0)
        | ("to_ascii_lowercase" | "to_ascii_uppercase" | "into_owned" | "into", 0) => "String",
        ("replace", 2) | ("replacen", 3) | ("repeat", 1) => "String",
        ("as_bytes", 0) => "&[u8]",
        ("into_bytes", 0) => "Vec<u8>",
        ("len", 0) => "usize",
        ("to_socket_addrs", 0) => "Result<_,std::io::Error>",
        _ => return None,
    };
    Some(ty.to_string())
}

fn list(ty: &str, of: &str, name: &str, count: usize) -> Option<String> {
    let ty = match (name, count) {
        ("first" | "last" | "front" | "back", 0) => format!("Option<&{of}>"),
        ("first_mut" | "last_mut" | "front_mut" | "back_mut", 0) => format!("Option<&mut{of}>"),
        ("pop" | "pop_front" | "pop_back", 0) => format!("Option<{of}>"),
        ("split_first" | "split_last", 0) => format!("Option<(&{of},&[{of}])>"),
        // The argument may be a range.
        ("get" | "get_mut", 1) => "Option<_>".to_string(),
        ("iter", 0) => format!("Iterator<&{of}>"),
        ("iter_mut", 0) => format!("Iterator<&mut{of}>"),
        ("into_iter", 0) | ("drain", 1) => format!("Iterator<{of}>"),
        ("chunks" | "windows" | "chunks_exact", 1) => format!("Iterator<&[{of}]>"),
        ("split", 1) => format!("Iterator<&[{of}]>"),
        ("to_vec" | "to_owned", 0) => format!("Vec<{of}>"),
        ("as_slice" | "as_ref", 0) => format!("&[{of}]"),
        ("clone", 0) => ty.to_string(),
        ("swap_remove", 1) => of.to_string(),
        ("remove", 1) if base_name(ty) == "Vec" => of.to_string(),
        ("remove", 1) if base_name(ty) == "VecDeque" => format!("Option<{of}>"),
        ("len", 0) => "usize".to_string(),
        ("split_off", 1) => ty.to_string(),
        ("try_reserve", 1) => "Result<(),std::collections::TryReserveError>".to_string(),
        // The error is the place to insert at.
        ("binary_search" | "binary_search_by", 1) | ("binary_search_by_key", 2) => {
            "Result<usize,usize>".to_string()
        }
        ("first_chunk" | "last_chunk", 0) => "Option<_>".to_string(),
        ("try_into", 0) if ty.starts_with('[') && !ty.contains(';') => {
            "Result<_,std::array::TryFromSliceError>".to_string()
        }
        ("write_all" | "read_exact" | "read_to_end" | "read_to_string" | "write", 1) => {
            "Result<_,std::io::Error>".to_string()
        }
        _ => return None,
    };
    Some(ty)
}

fn map(key: &str, value: &str, name: &str, count: usize) -> Option<String> {
    let ty = match (name, count) {
        ("get", 1) => format!("Option<&{value}>"),
        ("get_mut", 1) => format!("Option<&mut{value}>"),
        ("remove" | "swap_remove" | "shift_remove", 1) | ("insert", 2) => {
            format!("Option<{value}>")
        }
        ("get_key_value", 1) | ("first_key_value" | "last_key_value", 0) => {
            format!("Option<(&{key},&{value})>")
        }
        ("remove_entry", 1) | ("pop_first" | "pop_last", 0) => format!("Option<({key},{value})>"),
        ("entry", 1) => format!("Entry<{key},{value}>"),
        ("first_entry" | "last_entry", 0) => format!("Option<OccupiedEntry<{key},{value}>>"),
        ("keys", 0) => format!("Iterator<&{key}>"),
        ("values", 0) => format!("Iterator<&{value}>"),
        ("values_mut", 0) => format!("Iterator<&mut{value}>"),
        ("into_keys", 0) => format!("Iterator<{key}>"),
        ("into_values", 0) => format!("Iterator<{value}>"),
        ("iter", 0) | ("range", 1) => format!("Iterator<(&{key},&{value})>"),
        ("iter_mut", 0) => format!("Iterator<(&{key},&mut{value})>"),
        ("into_iter" | "drain", 0) => format!("Iterator<({key},{value})>"),
        ("len", 0) => "usize".to_string(),
        _ => return None,
    };
    Some(ty)
}

fn set(of: &str, name: &str, count: usize) -> Option<String> {
    let ty = match (name, count) {
        ("get", 1) | ("first" | "last", 0) => format!("Option<&{of}>"),
        ("take", 1) | ("pop_first" | "pop_last", 0) => format!("Option<{of}>"),
        ("iter", 0) | ("range", 1) => format!("Iterator<&{of}>"),
        ("into_iter" | "drain", 0) => format!("Iterator<{of}>"),
        ("len", 0) => "usize".to_string(),
        _ => return None,
    };
    Some(ty)
}

fn path(name: &str, count: usize) -> Option<String> {
    let ty = match (name, count) {
        ("parent", 0) => "Option<&Path>",
        ("file_name" | "file_stem" | "extension", 0) => "Option<&OsStr>",
        ("to_str", 0) => "Option<&str>",
        ("strip_prefix", 1) => "Result<&Path,std::path::StripPrefixError>",
        ("canonicalize" | "read_link", 0) => "Result<PathBuf,std::io::Error>",
        ("metadata" | "symlink_metadata" | "read_dir" | "try_exists", 0) => {
            "Result<_,std::io::Error>"
        }
        ("join" | "with_extension" | "with_file_name", 1) => "PathBuf",
        ("to_path_buf" | "to_owned" | "clone", 0) => "PathBuf",
        ("as_path" | "as_ref", 0) => "&Path",
        ("as_os_str" | "into_os_string", 0) => "&OsStr",
        ("ancestors", 0) => "Iterator<&Path>",
        ("components" | "iter", 0) => "Iterator<_>",
        ("to_string_lossy", 0) => "String",
        _ => return None,
    };
    Some(ty.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_lead_from_type_to_type() {
        for (ty, calls, expected) in [
            ("&[String]", "first/0", Some("Option<&String>")),
            ("Option<String>", "as_deref/0 map/1", Some("Option<_>")),
            ("HashMap<u8,Vec<u8>>", "get/1 unwrap/0 first/0", Some("Option<&u8>")),
            ("Arc<Mutex<Option<u8>>>", "lock/0 unwrap/0 take/0", Some("Option<u8>")),
            ("&str", "lines/0 rev/0 next/0", Some("Option<&str>")),
            ("PathBuf", "parent/0 unwrap/0 join/1 to_str/0", Some("Option<&str>")),
            ("Result<u8,E>", "map_err/1", Some("Result<u8,_>")),
            ("Option<Result<u8,E>>", "transpose/0", Some("Result<Option<u8>,E>")),
            ("Unheard", "get/1", None),
        ] {
            let found = calls.split(' ').try_fold(ty.to_string(), |ty, call| {
                let (name, count) = call.split_once('/')?;
                method(&ty, name, count.parse().ok()?)
            });
            assert_eq!(found.as_deref(), expected, "{ty} {calls}");
        }
    }
}
