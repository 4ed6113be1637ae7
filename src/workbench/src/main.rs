//! The program `svh`: see `cli`.

fn main() -> std::process::ExitCode {
    svh_workbench::cli::main()
}
