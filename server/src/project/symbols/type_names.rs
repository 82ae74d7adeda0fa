//! Names of types as they are written.

/// The name of a type without its path, references and generics: `Vec` in `&std::vec::Vec<u8>`.
pub fn base_name(ty: &str) -> &str {
    let ty = ty.trim_start_matches(['&', '*']).trim_start_matches("mut").trim_start_matches("dyn");
    let end = ty.find(['<', '(', '[']).unwrap_or(ty.len());
    ty[..end].rsplit("::").next().unwrap_or(ty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_names_lose_paths_references_and_generics() {
        assert_eq!(base_name("&mutstd::vec::Vec<a::B>"), "Vec");
        assert_eq!(base_name("Foo"), "Foo");
        assert_eq!(base_name("io::Result<()>"), "Result");
    }
}
