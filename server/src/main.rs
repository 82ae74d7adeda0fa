use std::process::ExitCode;

fn main() -> ExitCode {
    readiness_lsp::cli::main()
}
