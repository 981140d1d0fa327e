//! Turns the files of the other tests into requests to be changed.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value as Json;

use crate::common::file;

/// The requests that were written for each of the schemas, in the order of [`super::schemas`].
pub(super) fn seeds() -> &'static [Vec<String>; 3] {
    static SEEDS: LazyLock<[Vec<String>; 3]> = LazyLock::new(|| {
        // Those that have an answer are few, and go through all of the stages; and fewest of all subscribe.
        let often = |request: &String| if request.contains("subscription") { 120 } else { 12 };
        let golden = golden().into_iter();
        let mut blog: Vec<String> =
            golden.flat_map(|request| std::iter::repeat_n(request.clone(), often(&request))).collect();
        blog.extend(queries("tests/validation/operations.jsonl"));
        let mut fixtures = queries("tests/fixtures/validation.jsonl");
        fixtures.extend(queries("tests/fixtures/syntax.jsonl"));
        let (mut extra, mut plain) = (Vec::new(), Vec::new());
        for path in files("tests/rules", ".txt") {
            cases(&file(&path), &mut extra, &mut plain);
        }
        fixtures.append(&mut plain);
        [blog, fixtures, extra]
    });
    &SEEDS
}

fn files(folder: &str, ending: &str) -> Vec<String> {
    let entries = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> =
        names.filter(|name| name.ends_with(ending)).map(|name| format!("{folder}/{name}")).collect();
    files.sort();
    files
}

fn golden() -> Vec<String> {
    let requests = files("tests/golden", ".graphql").into_iter();
    requests.filter(|path| !path.ends_with("/schema.graphql")).map(|path| file(&path)).collect()
}

fn queries(path: &str) -> Vec<String> {
    let text = file(path);
    let queries = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap()["query"].take());
    queries.map(|query| query.as_str().unwrap().to_owned()).collect()
}

/// The documents of a table of a rule.
fn cases(table: &str, extra: &mut Vec<String>, plain: &mut Vec<String>) {
    for case in table.split("\n=== ").skip(1) {
        let case = case.split_once('\n').map_or("", |(_, document)| document);
        let document = case.split("\n---").next().unwrap_or_default();
        match document.strip_prefix("schema: extra\n") {
            Some(document) => extra.push(document.to_owned()),
            None => plain.push(document.to_owned()),
        }
    }
}
