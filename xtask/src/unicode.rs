//! `cargo xtask unicode [FOLDER]`: writes the tables of `habu-text` from the facts that `python3.11` gives.
//!
//! FOLDER holds `NameAliases.txt` and `NamedSequences.txt` of the Unicode character database, from any version: they
//! only say which names to ask for, because Python cannot list its aliases. Without it the table of aliases stays.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Outcome;
use crate::arguments::Arguments;

const FACTS: &str = include_str!("unicode_facts.py");
const LIMIT: usize = 0x11_0000;
const BLOCK: usize = 128;
const CATEGORIES: &str = "Cn Lu Ll Lt Mn Mc Me Nd Nl No Zs Zl Zp Cc Cf Cs Co Lm Lo Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So";
const BIDIRECTIONAL: &str = "- L LRE LRO R AL RLE RLO PDF EN ES ET AN CS NSM BN B S WS ON LRI RLI FSI PDI";
const WIDTHS: &str = "F H W Na A N";
const TAGS: &str = "- <noBreak> <compat> <super> <fraction> <sub> <font> <circle> <wide> <vertical> <square> <isolated> \
    <final> <initial> <medial> <small> <narrow>";

type Failure = Box<dyn Error>;

/// Runs the chore.
pub(crate) fn run(arguments: Arguments) -> Outcome {
    let folder = arguments.rest()?.into_iter().next();
    write_tables(folder.as_deref()).map_err(|failure| failure.to_string())?;
    Ok(true)
}

/// Writes all tables. `folder` is where the lists of names are.
fn write_tables(folder: Option<&str>) -> Result<(), Failure> {
    let facts = facts(&names(folder)?)?;
    let sections = sections(&facts);
    let section = |name: &str| sections.get(name).cloned().unwrap_or_default();
    if section("version") != ["14.0.0"] {
        return Err("python3.11 does not have Unicode 14.0.0".into());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/text/src/unicode/tables");
    let write = |name: &str, text: String| std::fs::write(root.join(name), text);
    write("types.rs", types(&section("type"))?)?;
    write("database.rs", database(&section("database"), &section("numeric"))?)?;
    write("decompositions.rs", decompositions(&section("decomposition"), &section("composition"))?)?;
    write("old.rs", old(&section("old"), &section("oldassigned"), &section("olddecomposition"))?)?;
    if folder.is_some() {
        write("aliases.rs", aliases(&section("alias"))?)?;
    }
    Ok(())
}

/// The aliases and named sequences to ask Python about, one to a line.
fn names(folder: Option<&str>) -> Result<String, Failure> {
    let mut names = String::new();
    let Some(folder) = folder.map(Path::new) else { return Ok(names) };
    for (file, field) in [("NameAliases.txt", 1), ("NamedSequences.txt", 0)] {
        for line in std::fs::read_to_string(folder.join(file))?.lines().filter(|line| !line.starts_with('#')) {
            if let Some(name) = line.split(';').nth(field) {
                writeln!(names, "{name}")?;
            }
        }
    }
    Ok(names)
}

/// What the Python program prints.
fn facts(names: &str) -> Result<String, Failure> {
    let mut child =
        Command::new("python3.11").args(["-I", "-c", FACTS]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().ok_or("no standard input")?.write_all(names.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err("python3.11 failed".into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn sections(facts: &str) -> HashMap<&str, Vec<&str>> {
    let mut sections: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut current = "";
    for line in facts.lines() {
        match line.strip_prefix('@') {
            Some(name) => current = name,
            None => sections.entry(current).or_default().push(line),
        }
    }
    sections
}

fn hex(text: &str) -> Result<u32, Failure> {
    Ok(u32::from_str_radix(text, 16)?)
}

/// Expands runs to a record number for each code point, and the distinct records in the order of their appearance.
fn number_records<'a>(lines: &[&'a str]) -> Result<(Vec<u16>, Vec<&'a str>), Failure> {
    let mut numbers = vec![0; LIMIT];
    let mut records: Vec<&str> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let (start, record) = line.split_once(' ').ok_or("a run without facts")?;
        let end = match lines.get(at + 1).and_then(|next| next.split_once(' ')) {
            Some((next, _)) => hex(next)? as usize,
            None => LIMIT,
        };
        let number = records.iter().position(|known| *known == record).unwrap_or_else(|| {
            records.push(record);
            records.len() - 1
        });
        numbers[hex(start)? as usize..end].fill(u16::try_from(number)?);
    }
    Ok((numbers, records))
}

/// Writes the two stages that lead from a code point to its record number.
fn two_stages(out: &mut String, prefix: &str, numbers: &[u16]) -> Result<(), Failure> {
    let mut blocks: Vec<&[u16]> = Vec::new();
    let mut index = Vec::new();
    for block in numbers.chunks(BLOCK) {
        index.push(blocks.iter().position(|known| *known == block).unwrap_or_else(|| {
            blocks.push(block);
            blocks.len() - 1
        }));
    }
    writeln!(out, "/// The block of record numbers for each {BLOCK} code points.")?;
    writeln!(out, "pub(crate) static {prefix}_INDEX: [u16; {}] = [", index.len())?;
    for row in index.chunks(BLOCK) {
        writeln!(out, "    {},", join(row))?;
    }
    writeln!(out, "];\n\n/// The distinct blocks of record numbers.")?;
    writeln!(out, "pub(crate) static {prefix}_BLOCKS: [[u16; {BLOCK}]; {}] = [", blocks.len())?;
    for block in blocks {
        writeln!(out, "    [{}],", join(block))?;
    }
    writeln!(out, "];")?;
    Ok(())
}

fn join<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}

fn header(topic: &str) -> String {
    format!("//! {topic}, Unicode 14.0.0. Written by `cargo xtask unicode`: do not edit.\n\n")
}

fn types(lines: &[&str]) -> Result<String, Failure> {
    let (numbers, records) = number_records(lines)?;
    let mut out = header("What `str` methods ask of a character: classes, cases, digits");
    let mut special = Vec::new();
    writeln!(out, "use super::TypeRecord;\n\n/// The distinct records.")?;
    writeln!(out, "pub(crate) static TYPES: [TypeRecord; {}] = [", records.len())?;
    for record in records {
        let fields: Vec<&str> = record.split(' ').collect();
        let [flags, decimal, digit, lower, upper, title, fold, full] = fields[..] else {
            return Err("a record of the wrong length".into());
        };
        let full = match full {
            "-" => 0,
            full => {
                special.push(full);
                special.len()
            }
        };
        writeln!(
            out,
            "    TypeRecord {{ flags: 0x{flags}, decimal: {decimal}, digit: {digit}, lower: {lower}, upper: {upper}, \
             title: {title}, fold: {fold}, full: {full} }},"
        )?;
    }
    writeln!(out, "];\n\n/// Lower, upper, title and folded case of characters where one is longer or irregular.")?;
    writeln!(out, "pub(crate) static FULL_CASES: [[&[u32]; 4]; {}] = [", special.len())?;
    for full in special {
        let cases = full.split('|').map(|case| {
            let points = case.split(',').map(|point| format!("0x{point}")).collect::<Vec<_>>();
            format!("&[{}]", points.join(", "))
        });
        writeln!(out, "    [{}],", cases.collect::<Vec<_>>().join(", "))?;
    }
    writeln!(out, "];\n")?;
    two_stages(&mut out, "TYPE", &numbers)?;
    Ok(out)
}

fn position(list: &str, item: &str) -> Result<usize, Failure> {
    list.split(' ').position(|known| known == item).ok_or_else(|| format!("unknown value {item}").into())
}

fn names_of(out: &mut String, name: &str, doc: &str, list: &str) -> Result<(), Failure> {
    let quoted: Vec<String> = list.split(' ').map(|item| format!("{:?}", item.trim_matches(['-', '<', '>']))).collect();
    writeln!(out, "/// {doc}")?;
    writeln!(out, "pub(crate) static {name}: [&str; {}] = [{}];\n", quoted.len(), quoted.join(", "))?;
    Ok(())
}

fn database(lines: &[&str], numeric: &[&str]) -> Result<String, Failure> {
    let (numbers, records) = number_records(lines)?;
    let mut out = header("What `unicodedata` says of a character");
    writeln!(out, "use super::DatabaseRecord;\n")?;
    names_of(&mut out, "CATEGORIES", "Names of the general categories.", CATEGORIES)?;
    names_of(&mut out, "BIDIRECTIONAL", "Names of the bidirectional classes.", BIDIRECTIONAL)?;
    names_of(&mut out, "WIDTHS", "Names of the East Asian widths.", WIDTHS)?;
    writeln!(out, "/// The distinct records.")?;
    writeln!(out, "pub(crate) static DATABASE: [DatabaseRecord; {}] = [", records.len())?;
    for record in records {
        let fields: Vec<&str> = record.split(' ').collect();
        let [category, bidirectional, combining, width, mirrored, normal] = fields[..] else {
            return Err("a record of the wrong length".into());
        };
        let normal = u8::from_str_radix(normal, 2)?;
        writeln!(
            out,
            "    DatabaseRecord {{ category: {}, bidirectional: {}, combining: {combining}, width: {}, \
             mirrored: {}, normal: {normal} }},",
            position(CATEGORIES, category)?,
            position(BIDIRECTIONAL, bidirectional)?,
            position(WIDTHS, width)?,
            mirrored == "1"
        )?;
    }
    writeln!(out, "];\n")?;
    two_stages(&mut out, "DATABASE", &numbers)?;
    writeln!(out, "\n/// Numeric values, by code point.")?;
    writeln!(out, "pub(crate) static NUMERIC: [(u32, f64); {}] = [", numeric.len())?;
    for row in numeric.chunks(8) {
        let items = row.iter().filter_map(|line| line.split_once(' '));
        let items: Vec<String> = items.map(|(point, value)| format!("(0x{point}, {})", float(value))).collect();
        writeln!(out, "    {},", items.join(", "))?;
    }
    writeln!(out, "];")?;
    Ok(out)
}

/// A float of Python in Rust's spelling, which wants a point or an exponent too.
fn float(text: &str) -> String {
    text.replace("e+", "e")
}

fn decompositions(lines: &[&str], pairs: &[&str]) -> Result<String, Failure> {
    let mut out = header("Decomposition and composition");
    let mut data: Vec<u32> = Vec::new();
    let mut rows = Vec::new();
    for line in lines {
        let mut fields = line.split(' ').peekable();
        let point = fields.next().ok_or("an empty line")?;
        let tag = match fields.next_if(|field| field.starts_with('<')) {
            Some(tag) => position(TAGS, tag)?,
            None => 0,
        };
        let mapping = fields.map(hex).collect::<Result<Vec<u32>, _>>()?;
        let start = data.windows(mapping.len()).position(|known| known == mapping).unwrap_or(data.len());
        if start == data.len() {
            data.extend(&mapping);
        }
        rows.push(format!("(0x{point}, {tag}, {}, {start})", mapping.len()));
    }
    names_of(&mut out, "TAGS", "Names of the kinds of compatibility mapping; the first is a canonical one.", TAGS)?;
    writeln!(out, "/// Code point, kind, length and start in [`MAPPINGS`], by code point.")?;
    writeln!(out, "pub(crate) static DECOMPOSITIONS: [(u32, u8, u8, u16); {}] = [", rows.len())?;
    for row in rows.chunks(16) {
        writeln!(out, "    {},", row.join(", "))?;
    }
    writeln!(out, "];\n\n/// The mappings, one after the other.")?;
    writeln!(out, "pub(crate) static MAPPINGS: [u32; {}] = [", data.len())?;
    for row in data.chunks(32) {
        writeln!(out, "    {},", join(row))?;
    }
    writeln!(out, "];\n\n/// First and second character and what they compose to, in that order.")?;
    writeln!(out, "pub(crate) static COMPOSITIONS: [(u32, u32, u32); {}] = [", pairs.len())?;
    for row in pairs.chunks(8) {
        let items: Vec<String> = row.iter().map(|pair| format!("(0x{})", pair.replace(' ', ", 0x"))).collect();
        writeln!(out, "    {},", items.join(", "))?;
    }
    writeln!(out, "];")?;
    Ok(out)
}

/// What version 3.2.0 said otherwise.
fn old(changes: &[&str], assigned: &[&str], mappings: &[&str]) -> Result<String, Failure> {
    let mut out =
        String::from("//! What Unicode 3.2.0 said otherwise. Written by `cargo xtask unicode`: do not edit.\n\n");
    writeln!(out, "/// Where runs of assigned and unassigned code points begin in turn, an assigned one first.")?;
    writeln!(out, "pub(crate) static ASSIGNED: [u32; {}] = [", assigned.len())?;
    for row in assigned.chunks(16) {
        writeln!(out, "    0x{},", row.join(", 0x"))?;
    }
    writeln!(
        out,
        "];\n\n/// Code point, category, bidirectional class, width, mirrored, decimal value, by code point."
    )?;
    writeln!(out, "pub(crate) static CHANGES: [(u32, u8, u8, u8, bool, u8); {}] = [", changes.len())?;
    for row in changes.chunks(6) {
        let mut items = Vec::new();
        for line in row {
            let fields: Vec<&str> = line.split(' ').collect();
            let [code, category, bidirectional, width, mirrored, decimal] = fields[..] else {
                return Err("a change of the wrong length".into());
            };
            items.push(format!(
                "(0x{code}, {}, {}, {}, {}, {decimal})",
                position(CATEGORIES, category)?,
                position(BIDIRECTIONAL, bidirectional)?,
                position(WIDTHS, width)?,
                mirrored == "1"
            ));
        }
        writeln!(out, "    {},", items.join(", "))?;
    }
    writeln!(out, "];\n\n/// Decompositions that were corrected since.")?;
    writeln!(out, "pub(crate) static MAPPINGS: [(u32, [u32; 1]); {}] = [", mappings.len())?;
    for line in mappings {
        let (code, mapping) = line.split_once(' ').ok_or("a mapping without a target")?;
        writeln!(out, "    (0x{code}, [0x{mapping}]),")?;
    }
    writeln!(out, "];")?;
    Ok(out)
}

fn aliases(lines: &[&str]) -> Result<String, Failure> {
    let mut out = header("Names that `unicodedata.lookup` knows beside those of characters");
    let mut rows = Vec::new();
    for line in lines {
        let (name, points) = line.split_once(';').ok_or("an alias without code points")?;
        rows.push(format!("({name:?}, &[0x{}])", points.replace(',', ", 0x")));
    }
    rows.sort();
    rows.dedup();
    writeln!(out, "/// Aliases (one code point) and named sequences (more than one), by name.")?;
    writeln!(out, "pub(crate) static ALIASES: [(&str, &[u32]); {}] = [", rows.len())?;
    for row in rows.chunks(2) {
        writeln!(out, "    {},", row.join(", "))?;
    }
    writeln!(out, "];")?;
    Ok(out)
}
