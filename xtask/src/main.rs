//! The chores of the project: `cargo xtask NAME`.

mod unicode;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("unicode") => unicode::run(arguments.get(1).map(String::as_str)),
        _ => Err("usage: cargo xtask unicode [FOLDER]".into()),
    }
}
