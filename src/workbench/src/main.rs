//! The program `svh`: see `svh_workbench`.

fn main() -> std::process::ExitCode {
    svh_workbench::main()
}
