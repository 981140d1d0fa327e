//! Turns the files of `ui/dist`, where `scripts/build-ui` has made them, into a list that the gateway embeds.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let files = list(&Path::new(&root).join("ui/dist"))?;
    // A folder that is missing would count as changed at every build; what is around it tells when it comes.
    println!("cargo::rerun-if-changed={}", if files.is_empty() { "ui" } else { "ui/dist" });
    fs::write(Path::new(&out).join("files.rs"), source(&files))
}

/// The files of a folder by name; none where there is no folder.
fn list(folder: &Path) -> io::Result<Vec<(String, String)>> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if let (true, Some(name), Some(full)) =
            (path.is_file(), path.file_name().and_then(|name| name.to_str()), path.to_str())
        {
            files.push((name.to_owned(), full.to_owned()));
        }
    }
    files.sort();
    Ok(files)
}

/// A list of `File`s; a packed one (`.gz`) goes with the one that it is made of.
fn source(files: &[(String, String)]) -> String {
    let mut text = String::from("&[\n");
    let is_packed = |name: &str| Path::new(name).extension().is_some_and(|extension| extension == "gz");
    for (name, path) in files.iter().filter(|(name, _)| !is_packed(name)) {
        let packed = files.iter().find(|(other, _)| *other == format!("{name}.gz"));
        let packed = packed.map_or("None".to_owned(), |(_, path)| format!("Some(include_bytes!({path:?}))"));
        // Writing to a String cannot fail.
        let _ =
            writeln!(text, "File {{ name: {name:?}, body: include_bytes!({path:?}), packed: {packed} }},");
    }
    text + "]\n"
}
