//! Types as they are written: their parts, without knowing what they are.

/// The generic arguments of a type without white space, at the outer level.
pub fn arguments(ty: &str) -> Vec<&str> {
    let Some(open) = ty.find('<') else { return Vec::new() };
    let Some(inner) = ty.get(open + 1..ty.len().saturating_sub(1)) else { return Vec::new() };
    split_list(inner)
}

/// The entries of a list of types, separated by commas at the outer level.
pub fn split_list(inner: &str) -> Vec<&str> {
    let mut entries = Vec::new();
    let (mut depth, mut start) = (0i32, 0);
    let mut before = ' ';
    for (at, c) in inner.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' if before == '-' => {}
            '>' | ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                entries.extend(inner.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
        before = c;
    }
    entries.extend(inner.get(start..).filter(|it| !it.is_empty()));
    entries
}
