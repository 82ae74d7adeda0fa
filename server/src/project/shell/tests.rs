use super::*;

#[track_caller]
fn check(script: &str, expected: &[&str]) {
    let found: Vec<String> =
        nested_commands(script, &[]).iter().map(|words| words.join(" ")).collect();
    assert_eq!(found, expected, "{script}");
}

#[test]
fn a_script_is_cut_into_commands() {
    check("cargo fmt && cargo test # all\n", &["cargo fmt", "cargo test"]);
    check(
        "set -e\ncargo test \\\n  --locked | tee log",
        &["set -e", "cargo test --locked", "tee log"],
    );
    check("cargo ${{ matrix.command }} -q", &["cargo ${{matrix.command}} -q"]);
    check("(cd a; \"$CARGO\" test)", &["cd a", "$CARGO test"]);
    check("cargo test 2>&1 &>log | tee log", &["cargo test 2>&1 &>log", "tee log"]);
}

#[test]
fn quoted_scripts_are_read_and_quoted_prose_is_not() {
    check(
        "bash -c 'cargo test; cargo fmt'",
        &["bash -c cargo test; cargo fmt", "cargo test", "cargo fmt"],
    );
    check("echo 'run cargo test first'", &["echo run cargo test first"]);
}

#[test]
fn unfinished_scripts_come_to_an_end() {
    for script in ["'", "\"a\\", "a \\", "${{ x", "(", "\\", "<<", "a <<E", "<<E\nb", ">&"] {
        nested_commands(script, &[]);
    }
}

#[test]
fn programs_are_named_first() {
    let script = "set -e; FOO=1 cargo build --bin 'a b' || true\n# cargo x\nif [ -f a ]; then cd /x && ls; fi";
    let shown: Vec<String> = programs(script)
        .iter()
        .map(|it| format!("{}{}", it.words.join("|"), if it.next == Link::Or { " ?" } else { "" }))
        .collect();
    assert_eq!(
        shown,
        ["set|-e", "cargo|build|--bin|a b ?", "true", "[|-f|a|]", "cd|/x", "ls", "fi"]
    );
}

#[test]
fn here_documents_are_text_unless_a_shell_reads_them() {
    check("cat > a <<'EOF' && cargo fmt\ncargo test\nEOF\nls", &["cat > a", "cargo fmt", "ls"]);
    check("bash -e <<-X\n\tcargo test\n\tX\nls", &["bash -e", "cargo test", "ls"]);
    check("<<A cat > a && <<B cat > b\n1\nA\n2\nB\nls", &["cat > a", "cat > b", "ls"]);
    check("<<EOF\ncargo test\nEOF\n", &["cargo test"]);
    check("cat <<EOF | sh\ncargo test\nEOF\n", &["cat", "cargo test", "sh"]);
    // A shift, a here-string, and a document without an end.
    check("a=$((1<<2))\nls", &["a=$", "1<<2", "ls"]);
    check("cat <<< cargo\nls <<EOF\ncargo test", &["cat <<< cargo", "ls <<EOF", "cargo test"]);
}

#[test]
fn variables_of_the_script_are_filled_in() {
    check(
        "TEST=\"cargo nextest run\"\n$TEST --all\n\"${TEST}\" -q",
        &[
            "TEST=cargo nextest run",
            "TEST=cargo nextest run",
            "cargo nextest run --all",
            "cargo nextest run -q",
        ],
    );
    check(
        "export R=localhost:5000; docker push $R/a:$TAG ${R}x",
        &["export R=localhost:5000", "docker push localhost:5000/a:$TAG localhost:5000x"],
    );
    // What an assignment in front of a command holds is for that command alone.
    check("A=b ls $A", &["A=b ls $A"]);
    let doubled: String = (0..80).map(|_| "A=$A$A\n".to_string()).collect();
    nested_commands(&format!("A=xx\n{doubled}"), &[]);
    let known = [("CHECK".to_string(), "cargo clippy".to_string())];
    assert_eq!(nested_commands("${CHECK} -q", &known), [["cargo", "clippy", "-q"]]);
}
