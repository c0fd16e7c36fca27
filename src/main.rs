//! The `rideout` command.

fn main() -> std::process::ExitCode {
    rideout::cli::main()
}
