//! The chores of the project: `cargo xtask NAME`. Without a name it lists them.
//!
//! Chores that compare with CPython need a `python3.11`, from `PATH` unless `--reference` names
//! another.

mod arguments;
mod c_abi;
mod compare_code;
mod difference;
mod order;
mod programs;
mod reference;
mod tidy;
mod types;
mod unicode;

use std::process::ExitCode;

use arguments::Arguments;

/// What a chore ends with: whether all is well, or why it could not run.
type Outcome = Result<bool, String>;

struct Chore {
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    run: fn(Arguments) -> Outcome,
}

const CHORES: &[Chore] = &[
    Chore {
        name: "tidy",
        usage: "",
        about: "check the form of every file: headings, lengths, words that do not belong",
        run: tidy::run,
    },
    Chore {
        name: "bless",
        usage: "[--reference PYTHON] [NAME..]",
        about: "record what the programs in tests/programs print under CPython 3.11",
        run: programs::bless,
    },
    Chore {
        name: "compare",
        usage: "[--exe HABU] [--timeout SECONDS] [NAME..]",
        about: "run the programs in tests/programs and compare with what was recorded",
        run: programs::compare,
    },
    Chore {
        name: "compare-code",
        usage: "[--optimize N] [--filter PART] [--first] [--limit N] [--reference PYTHON] [--against PYTHON] [PATH..]",
        about: "compile Python files with Habu and CPython and compare the code objects",
        run: compare_code::run,
    },
    Chore {
        name: "order",
        usage: "[--exe HABU]",
        about: "list the functions that run at every start, which a release puts together (needs valgrind)",
        run: order::run,
    },
    Chore {
        name: "dis",
        usage: "[--optimize N] [--reference PYTHON] FILE..",
        about: "show the code that CPython compiles from a Python file",
        run: compare_code::disassemble,
    },
    Chore {
        name: "c-abi",
        usage: "[--exe HABU] [--reference PYTHON]",
        about: "write docs/c-abi.md: which symbols of the C API the program has",
        run: c_abi::run,
    },
    Chore {
        name: "types",
        usage: "[--reference PYTHON]",
        about: "record the layouts of CPython's types in tests/types/cpython.txt",
        run: types::run,
    },
    Chore {
        name: "unicode",
        usage: "[FOLDER]",
        about: "write the character tables of habu-text from what python3.11 knows; names to ask for are in FOLDER",
        run: unicode::run,
    },
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        for chore in CHORES {
            println!("cargo xtask {} {}\n    {}", chore.name, chore.usage, chore.about);
        }
        return ExitCode::SUCCESS;
    };
    let Some(chore) = CHORES.iter().find(|chore| chore.name == name) else {
        eprintln!("no chore {name}; `cargo xtask` lists them");
        return ExitCode::from(2);
    };
    match (chore.run)(Arguments::new(arguments.collect())) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{name}: {message}");
            ExitCode::from(2)
        }
    }
}
